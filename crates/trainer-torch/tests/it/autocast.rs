//! Mixed precision: what computes in which type, and that nothing is left set.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tch::{Device, Kind, Tensor};
use trainer_torch::autocast::{HalfKind, autocast, is_enabled};

fn ones(shape: &[i64]) -> Tensor {
    Tensor::f_ones(shape, (Kind::Float, Device::Cpu)).unwrap()
}

fn product(weight: &Tensor) -> Tensor {
    ones(&[2, 4]).f_linear(weight, None::<Tensor>).unwrap()
}

/// Keeps tests out of each other's way: the casts of weights that libtorch keeps are those of all threads, and any that leaves autocast
/// drops them.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static CASTS: Mutex<()> = Mutex::new(());
    CASTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn in_bf16<T>(body: impl FnOnce() -> T) -> T {
    autocast(Device::Cpu, HalfKind::BFloat16, body).unwrap()
}

#[test]
fn products_are_of_the_lower_type_inside_and_float32_outside() {
    let _alone = alone();
    let weight = ones(&[3, 4]);
    for kind in [HalfKind::BFloat16, HalfKind::Float16] {
        let inside = autocast(Device::Cpu, kind, || product(&weight)).unwrap();
        assert_eq!(inside.kind(), kind.kind());
        assert_eq!(product(&weight).kind(), Kind::Float);
    }
}

/// PyTorch's lists for the CPU: attention in the lower type, losses in float32, layer norm and softmax as they are given.
#[test]
fn other_operations_follow_pytorchs_lists() {
    let _alone = alone();
    let heads = ones(&[1, 2, 3, 4]);
    let states = ones(&[3, 4]);
    let low = states.f_to_kind(Kind::BFloat16).unwrap();
    let labels = Tensor::from_slice(&[0_i64, 1, 2]);
    let norm = |states: &Tensor| {
        states
            .f_layer_norm([4], Some(ones(&[4])), Some(ones(&[4])), 1e-5, false)
            .unwrap()
    };
    in_bf16(|| {
        let attended = Tensor::f_scaled_dot_product_attention(
            &heads,
            &heads,
            &heads,
            None::<Tensor>,
            0.0,
            false,
            None::<f64>,
            false,
        );
        assert_eq!(attended.unwrap().kind(), Kind::BFloat16);
        let loss =
            low.f_cross_entropy_loss(&labels, None::<Tensor>, tch::Reduction::Mean, -100, 0.0);
        assert_eq!(loss.unwrap().kind(), Kind::Float);
        for states in [&states, &low] {
            assert_eq!(norm(states).kind(), states.kind());
            let softmax = states.f_softmax(-1, None::<Kind>).unwrap();
            assert_eq!(softmax.kind(), states.kind());
        }
    });
}

#[test]
fn the_inner_of_two_leaves_the_outer_in_force() {
    let _alone = alone();
    let weight = ones(&[3, 4]);
    in_bf16(|| {
        let inner = autocast(Device::Cpu, HalfKind::Float16, || product(&weight));
        assert_eq!(inner.unwrap().kind(), Kind::Half);
        assert_eq!(product(&weight).kind(), Kind::BFloat16);
    });
    assert!(!is_enabled(Device::Cpu));
}

#[test]
fn an_error_and_a_panic_leave_nothing_set() {
    let _alone = alone();
    let failed = in_bf16(|| ones(&[2, 4]).f_matmul(&ones(&[3, 4])));
    assert!(failed.is_err() && !is_enabled(Device::Cpu));
    let panicked = catch_unwind(AssertUnwindSafe(|| in_bf16(|| panic!("of the body"))));
    assert!(panicked.is_err() && !is_enabled(Device::Cpu));
    assert_eq!(product(&ones(&[3, 4])).kind(), Kind::Float);
}

/// One cast for both products: its gradient is rounded to bfloat16 once for both, and not kept beyond the end, so that
/// a changed weight is seen.
#[test]
fn a_weight_is_cast_once_until_the_end() {
    let _alone = alone();
    let mut weight = ones(&[3, 4]).f_set_requires_grad(true).unwrap();
    let change = |weight: &mut Tensor, value: f64| {
        let _no_grad = tch::no_grad_guard();
        let _same = weight.f_fill_(value).unwrap();
    };
    let first = in_bf16(|| {
        let first = product(&weight);
        change(&mut weight, 2.0);
        assert_eq!(product(&weight).f_double_value(&[0, 0]).unwrap(), 4.0);
        first
    });
    assert_eq!(first.f_double_value(&[0, 0]).unwrap(), 4.0);
    let after = in_bf16(|| product(&weight));
    assert_eq!(after.f_double_value(&[0, 0]).unwrap(), 8.0);
}

/// It is a matter of the thread.
#[test]
fn other_threads_do_not_notice() {
    let _alone = alone();
    in_bf16(|| {
        assert!(is_enabled(Device::Cpu) && !is_enabled(Device::Cuda(0)));
        let elsewhere = std::thread::spawn(|| is_enabled(Device::Cpu));
        assert!(!elsewhere.join().unwrap());
    });
}

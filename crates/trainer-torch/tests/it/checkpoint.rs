//! A function that is computed again in the backward pass gives what it gives when all is kept.

use std::cell::Cell;
use std::rc::Rc;

use crate::support::generator;
use tch::{Device, Kind, TchError, Tensor};
use trainer_torch::autocast::{HalfKind, autocast};
use trainer_torch::checkpoint::checkpoint;
use trainer_torch::rng;

const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

/// Drops, multiplies, and drops again.
fn function(weight: &Tensor) -> impl Fn(&[Tensor]) -> Result<Tensor, TchError> + 'static {
    let weight = weight.shallow_clone();
    move |inputs| {
        let dropped = inputs[0].f_dropout(0.3, true)?;
        let product = dropped.f_linear(&weight, None::<Tensor>)?;
        product.f_mul(&inputs[1])?.f_dropout(0.2, true)
    }
}

/// Output, three gradients, and the generator's state afterwards, with a draw between forward and backward.
fn run(kept: bool, half: bool) -> (Vec<Tensor>, Vec<u8>) {
    let _alone = half.then(crate::autocast::alone);
    rng::manual_seed(3).unwrap();
    let [weight, input, factor] = [[5, 7], [4, 7], [4, 5]].map(|size| Tensor::randn(size, FLOAT));
    let [weight, input, factor] = [weight, input, factor].map(|leaf| leaf.set_requires_grad(true));
    let function = function(&weight);
    // Not leaves, as the states of a layer are none.
    let inputs = [&input * 2.0, &factor * 0.5];
    let compute = || match kept {
        true => function(&inputs).unwrap(),
        false => checkpoint(&inputs.each_ref(), self::function(&weight)).unwrap(),
    };
    let output = match half {
        true => autocast(Device::Cpu, HalfKind::BFloat16, compute).unwrap(),
        false => compute(),
    };
    let _ = Tensor::rand([3], FLOAT);
    output.square().sum(Kind::Float).backward();
    let all = vec![output.detach(), weight.grad(), input.grad(), factor.grad()];
    (all, rng::get_state().unwrap())
}

#[test]
fn the_same_bits_dropout_too() {
    let _alone = generator();
    for half in [false, true] {
        let (kept, computed_again) = (run(true, half), run(false, half));
        assert_eq!(kept.0, computed_again.0, "{half}");
        assert_eq!(kept.1, computed_again.1);
        let dropped = kept.0[0].eq(0.0).sum(Kind::Int64).int64_value(&[]);
        assert!((1..20).contains(&dropped));
    }
}

#[test]
fn errors_and_panics_are_errors_of_either_pass() {
    let _alone = generator();
    let input = Tensor::ones([2], FLOAT).set_requires_grad(true);
    let failing = |at: usize, panics: bool| {
        let calls = Cell::new(0);
        move |inputs: &[Tensor]| {
            calls.set(calls.get() + 1);
            match calls.get() == at {
                true if panics => panic!("of the function"),
                true => Err("no such thing"),
                false => Ok(inputs[0].shallow_clone() * 2.0),
            }
        }
    };
    for (panics, message) in [(false, "no such thing"), (true, "the function panicked")] {
        let error = checkpoint(&[&input], failing(1, panics)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        let output = checkpoint(&[&input], failing(2, panics)).unwrap();
        let error = output.sum(Kind::Float).f_backward().unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = checkpoint(&[], failing(1, false)).unwrap_err();
    assert!(error.to_string().contains("checkpoint"), "{error}");
}

#[test]
fn the_function_is_kept_as_long_as_the_graph() {
    let _alone = generator();
    let held = Rc::new(());
    let input = Tensor::ones([2], FLOAT).set_requires_grad(true);
    let inside = Rc::clone(&held);
    let function = move |inputs: &[Tensor]| {
        let _ = &inside;
        inputs[0].f_exp()
    };
    let output = checkpoint(&[&input], function).unwrap();
    assert_eq!(Rc::strong_count(&held), 2);
    output.sum(Kind::Float).backward();
    drop(output);
    assert_eq!(Rc::strong_count(&held), 1);
}

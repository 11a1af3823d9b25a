//! The operations that `tch` lacks, against ones that it has.

use tch::{Device, Kind, Tensor};
use trainer_torch::fused::{self, AdagradNumbers, AdamNumbers, AdamTensors, Scaling, SgdNumbers};
use trainer_torch::{Error, foreach, grad, info, memory, norm, pointwise};

fn vector(values: &[f32]) -> Tensor {
    Tensor::from_slice(values)
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor).unwrap()
}

const NUMBERS: AdamNumbers = AdamNumbers {
    lr: 0.1,
    beta1: 0.9,
    beta2: 0.999,
    weight_decay: 0.5,
    eps: 0.0,
    amsgrad: false,
    maximize: false,
};

#[test]
fn the_first_step_of_adam_goes_by_the_learning_rate_whatever_the_gradient() {
    for decoupled in [true, false] {
        let params = [vector(&[1.0, -1.0]).set_requires_grad(true)];
        let (grads, exp_avgs, exp_avg_sqs) = (
            [vector(&[3.0, 4e-3])],
            [vector(&[0.0; 2])],
            [vector(&[0.0; 2])],
        );
        let steps = [Tensor::from(1.0f32)];
        let tensors = AdamTensors {
            params: &params,
            grads: &grads,
            exp_avgs: &exp_avgs,
            exp_avg_sqs: &exp_avg_sqs,
            max_exp_avg_sqs: &[],
            steps: &steps,
        };
        let step = if decoupled {
            fused::adamw_
        } else {
            fused::adam_
        };
        step(tensors, NUMBERS, Scaling::default()).unwrap();
        // Decoupled decay shrinks by lr * weight_decay; the other is added to the gradient, whose sign alone counts.
        let expected = if decoupled {
            [0.85, -1.05]
        } else {
            [0.9, -0.9]
        };
        for (found, expected) in floats(&params[0].detach()).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}

#[test]
fn other_fused_steps() {
    let params = [vector(&[1.0, 2.0])];
    let grads = [vector(&[10.0, -10.0])];
    let numbers = SgdNumbers {
        lr: 0.125,
        momentum: 0.0,
        dampening: 0.0,
        weight_decay: 0.0,
        nesterov: false,
        maximize: false,
        is_first_step: true,
    };
    fused::sgd_(&params, &grads, &[], numbers, Scaling::default()).unwrap();
    assert_eq!(floats(&params[0]), [-0.25, 3.25]);
    let numbers = AdagradNumbers {
        lr: 0.5,
        lr_decay: 0.0,
        weight_decay: 0.0,
        eps: 0.0,
        maximize: false,
    };
    let (sums, steps) = ([vector(&[0.0; 2])], [Tensor::from(1.0f32)]);
    fused::adagrad_(&params, &grads, &sums, &steps, numbers, Scaling::default()).unwrap();
    assert_eq!(floats(&params[0]), [-0.75, 3.75]);
}

#[test]
fn lists_of_different_length_are_refused() {
    let (params, none) = ([vector(&[1.0])], []);
    let tensors = AdamTensors {
        params: &params,
        grads: &none,
        exp_avgs: &none,
        exp_avg_sqs: &none,
        max_exp_avg_sqs: &none,
        steps: &none,
    };
    let error = fused::adamw_(tensors, NUMBERS, Scaling::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "_fused_adamw_: grads has 0 tensors, expected 1"
    );
    // What libtorch itself refuses comes back as an error too.
    assert!(matches!(
        foreach::norm(&[Tensor::from_slice(&[1i64])], 2.0),
        Err(Error::Libtorch { .. })
    ));
}

/// The kernels would read and write beyond their ends.
#[test]
fn tensors_that_do_not_lie_in_memory_as_their_weights_are_refused() {
    let square = || Tensor::zeros([3, 2], (Kind::Float, Device::Cpu));
    let good = [square()];
    for (bad, name) in [
        (vector(&[0.0; 5]), "shorter"),
        (
            Tensor::zeros([2, 3], (Kind::Float, Device::Cpu)).tr(),
            "transposed",
        ),
        (square().to_kind(Kind::Double), "of another type"),
        (
            Tensor::zeros([3, 1], (Kind::Float, Device::Cpu)).expand([3, 2], false),
            "repeated",
        ),
    ] {
        let (bad, steps) = ([bad], [Tensor::from(1.0f32)]);
        let step = |params, grads, exp_avgs| {
            let tensors = AdamTensors {
                params,
                grads,
                exp_avgs,
                exp_avg_sqs: &good,
                max_exp_avg_sqs: &[],
                steps: &steps,
            };
            fused::adamw_(tensors, NUMBERS, Scaling::default())
        };
        assert!(step(&good, &good, &good).is_ok());
        assert!(step(&good, &bad, &good).is_err(), "gradient {name}");
        assert!(step(&good, &good, &bad).is_err(), "state {name}");
        assert!(step(&bad, &good, &good).is_err(), "weight {name}");
    }
}

#[test]
fn lists_and_scaled_sums() {
    let list = [vector(&[3.0, 4.0]), vector(&[1.0])];
    let norms: Vec<f64> = foreach::norm(&list, 2.0)
        .unwrap()
        .iter()
        .map(|norm| norm.double_value(&[]))
        .collect();
    assert_eq!(norms, [5.0, 1.0]);
    assert_eq!(
        norm::vector_norm(&list[0], 2.0).unwrap().double_value(&[]),
        5.0
    );
    foreach::mul_tensor_(&list, &Tensor::from(2.0f32)).unwrap();
    foreach::add_scalar_(&list, 1.0).unwrap();
    assert_eq!(
        (floats(&list[0]), floats(&list[1])),
        (vec![7.0, 9.0], vec![3.0])
    );
    assert_eq!(
        floats(&pointwise::add(&list[0], &vector(&[1.0, 1.0]), -2.0).unwrap()),
        [5.0, 7.0]
    );
    pointwise::addcmul_(&list[0], &vector(&[2.0, 0.0]), &vector(&[3.0, 1.0]), 0.5).unwrap();
    pointwise::addcdiv_(&list[1], &vector(&[1.0]), &vector(&[4.0]), -4.0).unwrap();
    assert_eq!(
        (floats(&list[0]), floats(&list[1])),
        (vec![10.0, 9.0], vec![2.0])
    );
    assert!(pointwise::add_(&list[0], &vector(&[1.0, 2.0, 3.0]), 1.0).is_err());
}

#[test]
fn gradients_are_taken_and_put() {
    let weight = vector(&[1.0, 2.0]).set_requires_grad(true);
    assert!(grad::take(&weight).unwrap().is_none());
    weight.square().sum(Kind::Float).backward();
    assert_eq!(floats(&grad::get(&weight).unwrap().unwrap()), [2.0, 4.0]);
    assert_eq!(floats(&grad::take(&weight).unwrap().unwrap()), [2.0, 4.0]);
    assert!(!grad::is_defined(&weight).unwrap());
    grad::set(&weight, Some(&vector(&[7.0, 8.0]))).unwrap();
    assert_eq!(floats(&weight.grad()), [7.0, 8.0]);
    for wrong in [vector(&[1.0]), Tensor::from_slice(&[1.0f64, 2.0])] {
        assert!(grad::set(&weight, Some(&wrong)).is_err());
    }
    assert_eq!(floats(&weight.grad()), [7.0, 8.0]);
}

#[test]
fn facts_about_the_machine() {
    assert_eq!(info::version(), "2.11.0");
    assert!(info::show_config().unwrap().contains("2.11.0"));
    assert!(!info::cpu_capability().unwrap().is_empty());
    assert!(info::num_threads().unwrap() >= 1);
    assert!(info::set_num_threads(0).is_err());
    let _ = (info::libraries().unwrap(), info::cpu_features());
    let peak = memory::peak_resident_bytes();
    assert!(peak.is_none_or(|bytes| bytes > 1 << 20));
    let big = Tensor::zeros([1 << 20], (Kind::Float, Device::Cpu));
    assert!(memory::peak_resident_bytes() >= peak && big.numel() > 0);
}

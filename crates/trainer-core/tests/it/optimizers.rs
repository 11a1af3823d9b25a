//! Optimizers against PyTorch's (`parity/optimizers.py`): weights and gradient norms of five steps with two groups, falling
//! rates, clipping and a missing gradient.
//!
//! The values may come from another processor, which rounds every operation differently. What that can do to a weight is
//! recorded beside it, as `rounding`: the size of all that was added and divided to make it.

use serde_json::{Value as Json, json};
use tch::{Kind, Tensor};
use trainer_core::optimizer::{
    Adafactor, AdafactorConfig, Adagrad, AdagradConfig, AdamW, AdamWConfig, Optimizer, ParamGroup,
    RmsProp, RmsPropConfig, Sgd, SgdConfig, clip_grad_norm_,
};
use trainer_models::Compute;
use trainer_torch::grad;
use trainer_torch::pickle::{self, Dict, Value};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/optimizers.json")).unwrap()
}

fn floats(json: &Json) -> Vec<f64> {
    json.as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn tensor(recorded: &Json, name: &str, values: &Json) -> Tensor {
    let shape: Vec<i64> = recorded["shapes"][name]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_i64().unwrap())
        .collect();
    Tensor::from_slice(&floats(values))
        .to_kind(Kind::Float)
        .reshape(shape)
}

/// Fresh weights in the model's order.
fn weights(recorded: &Json) -> Vec<(String, Tensor)> {
    let all = recorded["weights"].as_object().unwrap();
    all.iter()
        .map(|(name, values)| {
            (
                name.clone(),
                tensor(recorded, name, values).set_requires_grad(true),
            )
        })
        .collect()
}

fn groups(recorded: &Json, weights: &[(String, Tensor)]) -> Vec<ParamGroup> {
    let decayed = recorded["decayed"].as_array().unwrap();
    let group = |wanted: bool, weight_decay| {
        let members = weights
            .iter()
            .filter(|(name, _)| decayed.iter().any(|entry| entry == name) == wanted);
        let members = members.map(|(name, tensor)| (name.clone(), tensor.shallow_clone()));
        ParamGroup::new(members, recorded["lr"].as_f64().unwrap(), weight_decay)
    };
    vec![group(true, 0.1), group(false, 0.0)]
}

fn optimizer(case: &Json, groups: Vec<ParamGroup>, compute: Compute) -> Box<dyn Optimizer> {
    let kwargs = &case["kwargs"];
    let number = |key: &str, default: f64| kwargs[key].as_f64().unwrap_or(default);
    let flag = |key: &str| kwargs[key].as_bool().unwrap_or(false);
    match case["optimizer"].as_str().unwrap() {
        "adamw_torch" | "adamw_torch_fused" => {
            let betas = kwargs["betas"].as_array().map(|_| floats(&kwargs["betas"]));
            let config = AdamWConfig {
                betas: betas.map_or((0.9, 0.999), |betas| (betas[0], betas[1])),
                eps: number("eps", 1e-8),
                fused: flag("fused"),
                compute,
            };
            Box::new(AdamW::new(groups, config).unwrap())
        }
        "sgd" => {
            let (momentum, dampening) = (number("momentum", 0.0), number("dampening", 0.0));
            Box::new(
                Sgd::new(
                    groups,
                    SgdConfig {
                        momentum,
                        dampening,
                        nesterov: flag("nesterov"),
                    },
                )
                .unwrap(),
            )
        }
        "adagrad" => {
            let config = AdagradConfig {
                lr_decay: number("lr_decay", 0.0),
                initial_accumulator_value: number("initial_accumulator_value", 0.0),
                eps: number("eps", 1e-10),
            };
            Box::new(Adagrad::new(groups, config).unwrap())
        }
        "rmsprop" => {
            let config = RmsPropConfig {
                momentum: number("momentum", 0.0),
                alpha: number("alpha", 0.99),
                centered: flag("centered"),
                eps: number("eps", 1e-8),
            };
            Box::new(RmsProp::new(groups, config).unwrap())
        }
        "adafactor" => {
            let eps = kwargs["eps"].as_array().map(|_| floats(&kwargs["eps"]));
            let config = AdafactorConfig {
                beta1: kwargs["beta1"].as_f64(),
                eps: eps.map_or((1e-30, 1e-3), |eps| (eps[0], eps[1])),
                clip_threshold: number("clip_threshold", 1.0),
                decay_rate: number("decay_rate", -0.8),
            };
            Box::new(Adafactor::new(groups, config).unwrap())
        }
        other => panic!("{other}"),
    }
}

/// One step as the recording made it; gives the norm of the gradients. They must stay as they are and belong to nobody afterwards: they
/// are overwritten.
fn step(
    recorded: &Json,
    weights: &[(String, Tensor)],
    optimizer: &mut dyn Optimizer,
    number: usize,
) -> Tensor {
    let grads = &recorded["grads"][number];
    for (name, weight) in weights {
        let grad = grads.get(name).map(|values| tensor(recorded, name, values));
        grad::set(weight, grad.as_ref()).unwrap();
    }
    let norm = clip_grad_norm_(weights.iter().map(|(_, tensor)| tensor), 1.0).unwrap();
    for group in optimizer.param_groups_mut() {
        group.lr = recorded["lr"].as_f64().unwrap()
            * (1.0 - f64::from(u32::try_from(number).unwrap()) / 8.0);
    }
    let grads = || -> Vec<Tensor> {
        let grads = weights.iter().map(|(_, weight)| grad::get(weight).unwrap());
        grads.flatten().collect()
    };
    let before: Vec<Tensor> = grads().iter().map(Tensor::copy).collect();
    optimizer.step().unwrap();
    assert_eq!(before, grads());
    for mut grad in grads() {
        let _ = grad.fill_(f64::NAN);
    }
    norm
}

/// The error of one rounding to float32, relative to what is rounded.
const UNIT: f64 = f32::EPSILON as f64 / 2.0;

/// Roundings that any rule makes of one number of a step, and the gradient's clipping before it. Held to the oldest instruction sets,
/// libtorch stays within 2 of the recorded values.
const ROUNDINGS: f64 = 4.0;

#[derive(Default)]
struct Tally {
    compared: usize,
    equal: usize,
    /// The largest error, in units of [`UNIT`] times what was rounded.
    worst: f64,
}

impl Tally {
    /// `rounding` is the size of the numbers that `found` was made of.
    fn compare(&mut self, found: f64, expected: f64, rounding: f64, what: &str) {
        let error = (found - expected).abs();
        assert!(
            error <= ROUNDINGS * UNIT * rounding,
            "{what}: {found} instead of {expected}, {:.1} roundings away",
            error / (UNIT * rounding)
        );
        self.compared += 1;
        self.equal += usize::from(found.to_bits() == expected.to_bits());
        if error > 0.0 {
            self.worst = self.worst.max(error / (UNIT * rounding));
        }
    }
}

#[test]
fn weights_and_norms_are_pytorchs() {
    let recorded = recorded();
    let cases = recorded["cases"].as_array().unwrap().iter();
    for (case, compute) in cases.flat_map(|case| Compute::ALL.map(|compute| (case, compute))) {
        let weights = weights(&recorded);
        let mut optimizer = optimizer(case, groups(&recorded, &weights), compute);
        let mut tally = Tally::default();
        for (number, expected) in case["steps"].as_array().unwrap().iter().enumerate() {
            let what = format!(
                "{} {} {compute} step {number}",
                case["optimizer"], case["kwargs"]
            );
            let norm = step(&recorded, &weights, &mut *optimizer, number);
            let expected_norm = expected["norm"].as_f64().unwrap();
            tally.compare(norm.double_value(&[]), expected_norm, expected_norm, &what);
            for (name, weight) in &weights {
                let found =
                    Vec::<f64>::try_from(&weight.detach().to_kind(Kind::Double).reshape([-1]))
                        .unwrap();
                let rounding = floats(&expected["rounding"][name]);
                let expected = floats(&expected["weights"][name]);
                for ((found, expected), rounding) in found.into_iter().zip(expected).zip(rounding) {
                    tally.compare(found, expected, rounding, &format!("{what} {name}"));
                }
            }
        }
        assert_state_numbers(&optimizer.state_dict().unwrap(), case, &mut tally);
        println!(
            "{} {} {compute}: {} of {} numbers are equal to the bit, the others within {:.2} roundings",
            case["optimizer"], case["kwargs"], tally.equal, tally.compared, tally.worst
        );
    }
}

/// Steps counted, and the weights' root mean squares before the last one, which is not further off than any weight.
fn assert_state_numbers(state: &Value, case: &Json, tally: &mut Tally) {
    let states = state.as_dict().unwrap().get("state").unwrap();
    let roundings = &case["steps"].as_array().unwrap().last().unwrap()["rounding"];
    let roundings = roundings.as_object().unwrap().values().flat_map(floats);
    let largest = roundings.fold(0.0, f64::max);
    for (id, numbers) in case["state_numbers"].as_object().unwrap() {
        for (key, expected) in numbers.as_object().unwrap() {
            let entry = states.as_dict().unwrap().get_int(id.parse().unwrap());
            let found = match entry.unwrap().as_dict().unwrap().get(key).unwrap() {
                Value::Tensor(tensor) => tensor.double_value(&[]),
                number => number.as_f64().unwrap(),
            };
            let rounding = if key == "step" { 0.0 } else { largest };
            let what = format!("{} {} state {id} {key}", case["optimizer"], case["kwargs"]);
            tally.compare(found, expected.as_f64().unwrap(), rounding, &what);
        }
    }
}

fn keys(dict: &Dict) -> Vec<String> {
    dict.iter()
        .filter_map(|(key, _)| key.as_str())
        .map(str::to_owned)
        .collect()
}

fn strings(json: &Json) -> Vec<String> {
    json.as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// Fresh weights with the values of others.
fn copies(recorded: &Json, of: &[(String, Tensor)]) -> Vec<(String, Tensor)> {
    let copies = weights(recorded);
    for ((_, copy), (_, weight)) in copies.iter().zip(of) {
        tch::no_grad(|| copy.shallow_clone().copy_(weight));
    }
    copies
}

#[test]
fn states_have_the_form_of_pytorchs_and_go_on_from_a_file() {
    let recorded = recorded();
    let folder = tempfile::tempdir().unwrap();
    let saved = |optimizer: &dyn Optimizer| -> Vec<u8> {
        let file = folder.path().join("optimizer.pt");
        pickle::save(&file, &optimizer.state_dict().unwrap()).unwrap();
        std::fs::read(file).unwrap()
    };
    let cases = recorded["cases"].as_array().unwrap().iter();
    for (case, compute) in cases.flat_map(|case| Compute::ALL.map(|compute| (case, compute))) {
        let through = weights(&recorded);
        let mut uninterrupted = optimizer(case, groups(&recorded, &through), compute);
        (0..2).for_each(|number| drop(step(&recorded, &through, &mut *uninterrupted, number)));
        assert_form(&uninterrupted.state_dict().unwrap(), case);
        uninterrupted.param_groups_mut()[1].initial_lr = Some(0.25);
        let first = saved(&*uninterrupted);
        let state = pickle::load(&folder.path().join("optimizer.pt")).unwrap();

        // What the other one was made with does not matter.
        let resumed = copies(&recorded, &through);
        let mut other_groups = groups(&recorded, &resumed);
        for group in &mut other_groups {
            (group.lr, group.weight_decay) = (1.0, 0.5);
        }
        let fused = case["kwargs"]["fused"].as_bool();
        let default = json!({"optimizer": case["optimizer"], "kwargs": {"fused": fused}});
        let mut other = optimizer(&default, other_groups, compute);
        other.load_state_dict(&state).unwrap();
        assert_eq!(other.param_groups()[1].initial_lr, Some(0.25));
        assert_eq!(saved(&*other), first, "{}", case["optimizer"]);
        for number in 2..5 {
            let _ = step(&recorded, &through, &mut *uninterrupted, number);
            let _ = step(&recorded, &resumed, &mut *other, number);
        }
        for ((name, weight), (_, other)) in through.iter().zip(&resumed) {
            assert!(weight.equal(other), "{} {name}", case["optimizer"]);
        }
        assert_eq!(saved(&*other), saved(&*uninterrupted));
    }
}

#[test]
fn adafactor_changes_weights_of_half_precision_in_float32() {
    let recorded = recorded();
    let config = AdafactorConfig {
        beta1: Some(0.9),
        ..AdafactorConfig::default()
    };
    let half = |tensor: &Tensor| tensor.detach().to_kind(Kind::BFloat16);
    let set = |weights: &[(String, Tensor)], grads: &Json| {
        for (name, weight) in weights {
            let grad = grads.get(name).map(|values| {
                let grad = half(&tensor(&recorded, name, values));
                grad.to_kind(weight.kind())
            });
            grad::set(weight, grad.as_ref()).unwrap();
        }
    };
    let halves: Vec<(String, Tensor)> = weights(&recorded)
        .into_iter()
        .map(|(name, weight)| (name, half(&weight).set_requires_grad(true)))
        .collect();
    let wholes = copies(&recorded, &halves);
    let mut of_halves = Adafactor::new(groups(&recorded, &halves), config).unwrap();
    let mut of_wholes = Adafactor::new(groups(&recorded, &wholes), config).unwrap();
    for grads in recorded["grads"].as_array().unwrap() {
        set(&halves, grads);
        set(&wholes, grads);
        of_halves.step().unwrap();
        of_wholes.step().unwrap();
        for ((name, weight), (_, whole)) in halves.iter().zip(&wholes) {
            assert!(weight.equal(&half(whole)), "{name}");
            tch::no_grad(|| whole.shallow_clone().copy_(weight));
        }
        let state = of_halves.state_dict().unwrap();
        assert_eq!(
            format!("{state:?}"),
            format!("{:?}", of_wholes.state_dict().unwrap())
        );
        of_halves.load_state_dict(&state).unwrap();
    }
}

fn assert_form(state: &Value, case: &Json) {
    let root = state.as_dict().unwrap();
    assert_eq!(keys(root), ["state", "param_groups"]);
    let groups = root.get("param_groups").unwrap().as_slice().unwrap();
    let expected = strings(&case["group_keys"]);
    for group in groups {
        assert_eq!(keys(group.as_dict().unwrap()), expected);
    }
    let ids = |group: &Value| -> Vec<i64> {
        let list = group.as_dict().unwrap().get("params").unwrap();
        list.as_slice()
            .unwrap()
            .iter()
            .filter_map(Value::as_i64)
            .collect()
    };
    assert_eq!((ids(&groups[0]), ids(&groups[1])), (vec![0, 1], vec![2, 3]));
    let entries = root.get("state").unwrap().as_dict().unwrap();
    let expected = case["state_keys"].as_object().unwrap();
    assert_eq!(entries.len(), expected.len());
    for (number, expected) in expected {
        let entry = entries
            .get_int(number.parse().unwrap())
            .unwrap()
            .as_dict()
            .unwrap();
        assert_eq!(keys(entry), strings(expected));
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_by_name() {
    let recorded = recorded();
    let case = &recorded["cases"][0];
    let weights = weights(&recorded);
    let mut first = optimizer(case, groups(&recorded, &weights), Compute::Reference);
    let _ = step(&recorded, &weights, &mut *first, 0);
    let state = first.state_dict().unwrap();

    let other = |names: &[&str], shape: &[i64]| {
        let members = names.iter().map(|name| {
            (
                (*name).to_owned(),
                Tensor::zeros(shape, tch::kind::FLOAT_CPU),
            )
        });
        ParamGroup::new(members, 0.1, 0.0)
    };
    let refusal = |groups: Vec<ParamGroup>| {
        let mut optimizer = AdamW::new(groups, AdamWConfig::default()).unwrap();
        let message = optimizer.load_state_dict(&state).unwrap_err().to_string();
        assert_eq!(optimizer.param_groups()[0].lr, 0.1);
        message
    };
    assert_eq!(
        refusal(vec![other(&["a"], &[1])]),
        "the optimizer state has 2 parameter groups, expected 1"
    );
    let message = refusal(vec![other(&["a"], &[1]), other(&["b", "c"], &[1])]);
    assert_eq!(
        message,
        "the optimizer state has 2 parameters in group 0, expected 1"
    );
    let message = refusal(vec![
        other(&["a.weight", "b"], &[2, 2]),
        other(&["c", "d"], &[1]),
    ]);
    assert_eq!(
        message,
        "the optimizer state of a.weight: exp_avg is of shape [5, 7], expected [2, 2]"
    );
    let mut optimizer = AdamW::new(vec![other(&["a"], &[1])], AdamWConfig::default()).unwrap();
    for form in [
        Value::None,
        Dict::new().into(),
        Dict::new().with("param_groups", 1).into(),
    ] {
        assert!(optimizer.load_state_dict(&form).is_err());
    }
}

#[test]
fn hyper_parameters_out_of_range_are_refused() {
    let message = |result: Result<(), trainer_core::optimizer::OptimizerError>| {
        result.unwrap_err().to_string()
    };
    let betas = AdamWConfig {
        betas: (1.0, 0.9),
        ..AdamWConfig::default()
    };
    assert_eq!(
        message(AdamW::new(vec![], betas).map(drop)),
        "AdamW: beta1 is 1, expected 0 to below 1"
    );
    let sgd = SgdConfig {
        nesterov: true,
        ..SgdConfig::default()
    };
    assert!(message(Sgd::new(vec![], sgd).map(drop)).contains("nesterov"));
    let adagrad = AdagradConfig {
        eps: f64::NAN,
        ..AdagradConfig::default()
    };
    assert!(message(Adagrad::new(vec![], adagrad).map(drop)).contains("eps"));
    let rmsprop = RmsPropConfig {
        momentum: -1.0,
        ..RmsPropConfig::default()
    };
    assert!(message(RmsProp::new(vec![], rmsprop).map(drop)).contains("momentum"));
    let adafactor = AdafactorConfig {
        decay_rate: 0.8,
        ..AdafactorConfig::default()
    };
    assert!(message(Adafactor::new(vec![], adafactor).map(drop)).contains("decay_rate"));
}

#[test]
fn clipping_scales_to_the_norm_and_never_up() {
    let weights: Vec<Tensor> = (0..3)
        .map(|_| Tensor::zeros([2], tch::kind::FLOAT_CPU).set_requires_grad(true))
        .collect();
    assert_eq!(
        clip_grad_norm_(&weights, 1.0).unwrap().double_value(&[]),
        0.0
    );
    for (max_norm, expected) in [(f64::INFINITY, 5.0), (10.0, 5.0), (0.5, 0.5)] {
        grad::set(&weights[0], Some(&Tensor::from_slice(&[3.0f32, 0.0]))).unwrap();
        grad::set(&weights[2], Some(&Tensor::from_slice(&[0.0f32, 4.0]))).unwrap();
        assert_eq!(
            clip_grad_norm_(&weights, max_norm)
                .unwrap()
                .double_value(&[]),
            5.0
        );
        let norm = clip_grad_norm_(&weights, f64::INFINITY)
            .unwrap()
            .double_value(&[]);
        assert!((norm - expected).abs() < 1e-5, "{norm} {expected}");
    }
    assert!(!grad::is_defined(&weights[1]).unwrap());
}

#[test]
fn clipping_adds_a_millionth_to_the_norm() {
    let weight = Tensor::zeros([2], tch::kind::FLOAT_CPU).set_requires_grad(true);
    grad::set(&weight, Some(&Tensor::from_slice(&[3e-6f32, 4e-6]))).unwrap();
    let _ = clip_grad_norm_(&[weight.shallow_clone()], 3e-6).unwrap();
    let found = Vec::<f64>::try_from(grad::get(&weight).unwrap().unwrap()).unwrap();
    // 3e-6 / (5e-6 + 1e-6) is a half.
    assert!((found[0] - 1.5e-6).abs() < 1e-12 && (found[1] - 2e-6).abs() < 1e-12);
}

#[test]
fn an_infinite_largest_norm_scales_nothing() {
    let weight = Tensor::zeros([2], tch::kind::FLOAT_CPU).set_requires_grad(true);
    let values = [f32::INFINITY, 1.0];
    grad::set(&weight, Some(&Tensor::from_slice(&values))).unwrap();
    let norm = clip_grad_norm_(&[weight.shallow_clone()], f64::INFINITY).unwrap();
    assert_eq!(norm.double_value(&[]), f64::INFINITY);
    let found = Vec::<f32>::try_from(grad::get(&weight).unwrap().unwrap()).unwrap();
    assert_eq!(found, values);
}

#[test]
fn gradients_are_dropped() {
    let weight = Tensor::ones([2], tch::kind::FLOAT_CPU).set_requires_grad(true);
    let group = ParamGroup::new([("weight".to_owned(), weight.shallow_clone())], 0.5, 0.0);
    let mut optimizer = Sgd::new(vec![group], SgdConfig::default()).unwrap();
    weight.sum(Kind::Float).backward();
    optimizer.step().unwrap();
    optimizer.zero_grad().unwrap();
    assert!(!grad::is_defined(&weight).unwrap());
    optimizer.step().unwrap();
    assert_eq!(Vec::<f32>::try_from(&weight.detach()).unwrap(), [0.5, 0.5]);
}

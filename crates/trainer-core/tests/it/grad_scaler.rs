//! The gradient scaler against what Python's did, recorded by `parity/grad_scaler.py`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tch::{Device, Kind, Tensor};
use trainer_core::GradScaler;
use trainer_torch::amp::ScaleNumbers;
use trainer_torch::grad;
use trainer_torch::pickle::{self, Dict, Value};

#[derive(Deserialize)]
struct Recorded {
    weight: Vec<f32>,
    numbers: Numbers,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Numbers {
    init_scale: f64,
    growth_factor: f64,
    backoff_factor: f64,
    growth_interval: i64,
}

/// Numbers that may be infinite or NaN stand as texts.
#[derive(Deserialize)]
struct Step {
    factor: String,
    scaled: String,
    grad: Vec<String>,
    called: bool,
    state: Json,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn recorded() -> Recorded {
    serde_json::from_str(include_str!("../data/grad_scaler.json")).unwrap()
}

fn scaler(numbers: &Numbers) -> GradScaler {
    let follows = ScaleNumbers {
        growth_factor: numbers.growth_factor,
        backoff_factor: numbers.backoff_factor,
        growth_interval: numbers.growth_interval,
    };
    GradScaler::with_numbers(Device::Cpu, numbers.init_scale, follows).unwrap()
}

fn as_json(state: &Value) -> Json {
    let entries = state.as_dict().unwrap().iter().map(|(key, value)| {
        let number = match value {
            Value::Int(number) => json!(number),
            _ => json!(value.as_f64().unwrap()),
        };
        (key.as_str().unwrap().to_owned(), number)
    });
    Json::Object(entries.collect())
}

/// Whether a number is the one of a text, up to some roundings where it is finite.
fn near(found: f64, text: &str, relative: f64) -> bool {
    let expected: f64 = text.parse().unwrap();
    found == expected
        || (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= relative * expected.abs()
}

/// One step of a run whose loss is the sum of the squares of `weight`, times a factor.
fn step(scaler: &mut GradScaler, weight: &[f32], expected: &Step) {
    let factor: f64 = expected.factor.parse().unwrap();
    let weight = Tensor::from_slice(weight).set_requires_grad(true);
    let loss = (&weight * &weight).sum(None::<Kind>) * factor;
    let scaled = scaler.scale(&loss).unwrap();
    scaled.backward();
    scaler.unscale_([&weight]).unwrap();
    let grads = Vec::<f32>::try_from(grad::get(&weight).unwrap().unwrap()).unwrap();
    assert!(near(scaled.double_value(&[]), &expected.scaled, 1e-6));
    for (found, text) in grads.into_iter().zip(&expected.grad) {
        assert!(near(f64::from(found), text, 1e-6), "{found} {text}");
    }
    assert_eq!(!scaler.found_inf().unwrap(), expected.called);
    scaler.update().unwrap();
    let state = as_json(&scaler.state_dict().unwrap());
    assert_eq!(state, expected.state, "after the factor {factor}");
}

#[test]
fn scale_gradients_and_state_are_pythons() {
    let recorded = recorded();
    let mut scaler = scaler(&recorded.numbers);
    for expected in &recorded.steps {
        step(&mut scaler, &recorded.weight, expected);
    }
    let called = recorded.steps.iter().filter(|step| step.called).count();
    assert!(called > 5 && called < recorded.steps.len());
}

#[test]
fn it_goes_on_from_its_own_file_and_from_pythons() {
    let recorded = recorded();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scaler.pt");
    let mut first = scaler(&recorded.numbers);
    let (before, after) = recorded.steps.split_at(5);
    for expected in before {
        step(&mut first, &recorded.weight, expected);
    }
    pickle::save(&file, &first.state_dict().unwrap()).unwrap();
    let mut second = GradScaler::new(Device::Cpu).unwrap();
    second
        .load_state_dict(&pickle::load(&file).unwrap())
        .unwrap();
    for expected in after {
        step(&mut second, &recorded.weight, expected);
    }
    let pythons = pickle::load(&data("scaler.pt")).unwrap();
    assert_eq!(
        as_json(&pythons),
        as_json(&second.state_dict().unwrap()),
        "Python's file is of the last step"
    );
    let mut third = GradScaler::new(Device::Cpu).unwrap();
    third.load_state_dict(&pythons).unwrap();
    assert_eq!(as_json(&third.state_dict().unwrap()), as_json(&pythons));
}

#[test]
fn a_state_of_another_form_is_refused_and_changes_nothing() {
    let mut scaler = GradScaler::new(Device::Cpu).unwrap();
    let before = as_json(&scaler.state_dict().unwrap());
    let whole = || {
        Dict::new()
            .with("growth_factor", 3.0)
            .with("backoff_factor", 0.1)
            .with("growth_interval", 7)
    };
    for (state, words) in [
        (Value::from(1.0), "a dict"),
        (whole().with("scale", 2.0).into(), "_growth_tracker"),
        (
            whole()
                .with("scale", f64::NAN)
                .with("_growth_tracker", 0)
                .into(),
            "a finite number as \"scale\"",
        ),
        (
            whole()
                .with("scale", 2.0)
                .with("_growth_tracker", 0.5)
                .into(),
            "a whole number as \"_growth_tracker\"",
        ),
    ] {
        let refused = scaler.load_state_dict(&state).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
        assert_eq!(as_json(&scaler.state_dict().unwrap()), before);
    }
}

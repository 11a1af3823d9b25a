//! The cases of `cargo xtask parity` against what Python's runs of them ended with, `parity/recorded.json`.
//!
//! `cargo xtask parity` compares bits, on one machine. Here the values may come from another processor, which rounds
//! differently; each kind of value has the tolerance that this takes, and no more.

use crate::support;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use tch::{Kind, Tensor};
use trainer_torch::pickle;

#[derive(Deserialize)]
struct Recorded {
    dropout_mask: Vec<i64>,
    with_dropout: BTreeMap<String, Summary>,
    without_dropout: BTreeMap<String, Summary>,
}

/// What a run ended with.
#[derive(Deserialize)]
struct Summary {
    log: BTreeMap<String, Vec<f64>>,
    weights: Vec<f64>,
    optimizer: BTreeMap<String, Vec<f64>>,
    predictions: Vec<Vec<f64>>,
}

fn parity(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../parity")
        .join(file)
}

fn json(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether the models and data of the cases are in the hub's cache.
fn assets() -> Option<PathBuf> {
    let cache = std::env::var_os("HF_HUB_CACHE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets/hub"),
        PathBuf::from,
    );
    let wanted = [
        "models--sentence-transformers--all-MiniLM-L6-v2",
        "datasets--nyu-mll--glue",
    ];
    let missing = wanted.into_iter().find(|name| !cache.join(name).is_dir());
    if let Some(missing) = missing {
        // Not by `println`, which passing tests do not show.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {missing} is not in {}",
            cache.display()
        );
    }
    missing.is_none().then_some(cache)
}

fn dropout_mask() -> Vec<i64> {
    let _alone = support::generator();
    tch::manual_seed(0);
    let kept = Tensor::ones([64], (Kind::Float, tch::Device::Cpu)).dropout(0.5, true);
    Vec::try_from(kept.ne(0.0).to_kind(Kind::Int64)).unwrap()
}

fn norm(tensor: &Tensor) -> f64 {
    tensor.to_kind(Kind::Double).norm().double_value(&[])
}

/// What the program left in `folder`, as `parity/record_cases.py` sums it up.
fn summary(folder: &Path) -> Summary {
    let step = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("checkpoint-")?.parse::<u64>().ok()
    };
    let entries = std::fs::read_dir(folder).unwrap();
    let last = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| step(path).is_some())
        .max_by_key(step)
        .unwrap();
    let mut weights = Tensor::read_safetensors(last.join("model.safetensors")).unwrap();
    weights.retain(|(name, _)| !name.ends_with("key.bias"));
    weights.sort_by(|(a, _), (b, _)| a.cmp(b));
    let predictions = folder.join("predictions.json");
    let predictions = match predictions.exists() {
        true => serde_json::from_value(json(&predictions)).unwrap(),
        false => Vec::new(),
    };
    Summary {
        log: logged(&last),
        weights: weights.iter().map(|(_, weight)| norm(weight)).collect(),
        optimizer: optimizer_norms(&last),
        predictions,
    }
}

fn logged(checkpoint: &Path) -> BTreeMap<String, Vec<f64>> {
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let path = checkpoint.join("trainer_state.json");
    if path.exists() {
        for entry in json(&path)["log_history"].as_array().unwrap() {
            for (name, value) in entry.as_object().unwrap() {
                if !name.ends_with("_runtime") && !name.ends_with("_per_second") {
                    let values = found.entry(name.clone()).or_default();
                    values.push(value.as_f64().unwrap());
                }
            }
        }
    }
    found
}

fn optimizer_norms(checkpoint: &Path) -> BTreeMap<String, Vec<f64>> {
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let path = checkpoint.join("optimizer.pt");
    if !path.exists() {
        return found;
    }
    let saved = pickle::load(&path).unwrap();
    let state = saved.as_dict().unwrap().get("state").unwrap();
    let mut weights: Vec<_> = state
        .as_dict()
        .unwrap()
        .iter()
        .map(|(number, state)| (number.as_i64().unwrap(), state.as_dict().unwrap()))
        .collect();
    weights.sort_by_key(|(number, _)| *number);
    for (name, value) in weights.into_iter().flat_map(|(_, state)| state.iter()) {
        if let Some(tensor) = value.as_tensor().filter(|tensor| tensor.numel() > 1) {
            let name = name.as_str().unwrap().to_owned();
            found.entry(name).or_default().push(norm(tensor));
        }
    }
    found
}

/// How far a kind of value may be from Python's on another processor: relative to it, and to the largest of its kind. Ten
/// times and more what showed where libtorch, MKL and oneDNN were held to AVX2, and to SSE with one thread: losses 7e-7,
/// gradient norms 4e-6, predictions 2e-7.
fn tolerance(name: &str) -> (f64, f64) {
    match name {
        "epoch" | "step" => (0.0, 0.0),
        // Double precision, with a cosine or a root in it.
        "learning_rate" => (1e-12, 0.0),
        // One row of 408 whose two scores are nearly equal.
        "eval_accuracy" | "eval_f1" => (0.0, 0.005),
        "loss" | "eval_loss" | "weights" => (1e-5, 0.0),
        "predictions" => (0.0, 1e-5),
        "grad_norm" => (5e-5, 0.0),
        // Of the optimizer. The gradient of the biases of attention's keys is nothing but rounding.
        _ => (5e-5, 1e-8),
    }
}

/// Adds the largest distance of any two values, in tolerances, to `worst`.
fn compare(name: &str, found: &[f64], expected: &[f64], worst: &mut BTreeMap<String, f64>) {
    assert_eq!(found.len(), expected.len(), "values of {name}");
    let (relative, of_largest) = tolerance(name);
    let largest = expected
        .iter()
        .fold(0.0, |most: f64, value| most.max(value.abs()));
    let worst = worst.entry(name.to_owned()).or_default();
    for (found, expected) in found.iter().zip(expected) {
        let allowed = relative * expected.abs() + of_largest * largest;
        let apart = (found - expected).abs();
        assert!(!apart.is_nan(), "{name}: {found}");
        *worst = worst.max(if apart == 0.0 { 0.0 } else { apart / allowed });
    }
}

fn compare_case(found: &Summary, expected: &Summary) -> BTreeMap<String, f64> {
    let mut worst = BTreeMap::new();
    for (found, expected) in [
        (&found.log, &expected.log),
        (&found.optimizer, &expected.optimizer),
    ] {
        assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
        for (name, values) in expected {
            compare(name, &found[name], values, &mut worst);
        }
    }
    compare("weights", &found.weights, &expected.weights, &mut worst);
    let flat = |rows: &[Vec<f64>]| rows.concat();
    let (found, expected) = (&found.predictions, &expected.predictions);
    compare("predictions", &flat(found), &flat(expected), &mut worst);
    worst
}

#[test]
fn every_case_ends_as_in_python() {
    let Some(cache) = assets() else { return };
    let recorded: Recorded = serde_json::from_value(json(&parity("recorded.json"))).unwrap();
    let same_dropout = dropout_mask() == recorded.dropout_mask;
    let expected = if same_dropout {
        recorded.with_dropout
    } else {
        println!("this processor drops other values than the recorded one: without dropout");
        recorded.without_dropout
    };
    let mut cases = json(&parity("cases.json"));
    for case in cases.as_array_mut().unwrap() {
        case["dropout"] = same_dropout.into();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(&file, cases.to_string()).unwrap();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        assert!(expected.contains_key(name), "{name} is not recorded");
    }
    let output = Command::new(support::program("parity_case"))
        .args([&file, &folder.path().join("out")])
        .env("HF_HUB_CACHE", cache)
        .env("HF_HUB_OFFLINE", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let mut wrong = Vec::new();
    for (name, expected) in &expected {
        let worst = compare_case(&summary(&folder.path().join("out").join(name)), expected);
        println!("{name}: {worst:.2?}");
        if worst.values().any(|apart| *apart > 1.0) {
            wrong.push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "further from Python than allowed: {wrong:?}"
    );
}

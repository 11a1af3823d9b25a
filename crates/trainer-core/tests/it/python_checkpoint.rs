//! A run goes on from a checkpoint that Python wrote in the middle of an epoch and ends as Python's run did.
//!
//! Checkpoints and values are recorded by `parity/python_checkpoint.py`. They may come from another processor, which rounds
//! differently; the tolerances are those of `crates/trainer/tests/it/recorded_cases.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::alone;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};
use trainer_core::{Trainer, TrainerState, TrainingArguments, set_seed};
use trainer_data::{Column, Columns, Dataset};
use trainer_models::{AutoModelForSequenceClassification, Model, PretrainedConfig, num_labels};
use trainer_torch::rng_state::RngState;

#[derive(Deserialize)]
struct Expected {
    args: serde_json::Map<String, serde_json::Value>,
    rows: Vec<Row>,
    whole_run: End,
    ignore_data_skip: End,
}

#[derive(Deserialize)]
struct Row {
    input_ids: Vec<i64>,
    attention_mask: Vec<i64>,
    label: i64,
}

/// What a run ended with.
#[derive(Deserialize)]
struct End {
    /// Values logged after the checkpoint, by name.
    log: BTreeMap<String, Vec<f64>>,
    /// Norms of the weights, by name; the biases of attention's keys are left out, whose gradient is nothing but rounding.
    weights: BTreeMap<String, f64>,
    /// SHA-256 of the state of the CPU's generator.
    generator: String,
}

fn recorded(optim: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/python_checkpoint")
        .join(optim)
}

fn dataset(rows: &[Row]) -> Dataset {
    let columns = Columns::new()
        .with(
            "input_ids",
            Column::int_lists(rows.iter().map(|row| &row.input_ids)),
        )
        .with(
            "attention_mask",
            Column::int_lists(rows.iter().map(|row| &row.attention_mask)),
        )
        .with("label", Column::ints(rows.iter().map(|row| row.label)));
    Dataset::from_columns(columns).unwrap()
}

/// Other weights than the checkpoint's, which are to take their place.
fn other_model(checkpoint: &Path) -> Box<dyn Model> {
    set_seed(1).unwrap();
    let config = std::fs::read_to_string(checkpoint.join("config.json")).unwrap();
    let config = PretrainedConfig::from_json(&config, "config.json").unwrap();
    AutoModelForSequenceClassification::from_config(config, num_labels(2)).unwrap()
}

/// Goes on from a copy of Python's checkpoint and gives back the last checkpoint of that run.
fn resume(optim: &str, expected: &Expected, ignore_data_skip: bool, folder: &Path) -> PathBuf {
    let checkpoint = folder.join("checkpoint-4");
    std::fs::create_dir(&checkpoint).unwrap();
    for file in std::fs::read_dir(recorded(optim).join("checkpoint-4")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), checkpoint.join(file.file_name())).unwrap();
    }
    let args = TrainingArguments {
        output_dir: folder.to_owned(),
        use_cpu: true,
        disable_tqdm: Some(true),
        ignore_data_skip,
        resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
        ..TrainingArguments::from_dict(expected.args.clone()).unwrap()
    };
    let mut trainer = Trainer::builder(other_model(&checkpoint), args)
        .train_dataset(dataset(&expected.rows))
        .build()
        .unwrap();
    assert_eq!(trainer.train().unwrap().global_step, 8);
    folder.join("checkpoint-8")
}

fn assert_close(name: &str, found: f64, expected: f64) {
    let tolerance = match name {
        "epoch" | "step" => 0.0,
        "learning_rate" => 1e-12,
        "grad_norm" => 2e-5,
        _ => 4e-6,
    };
    let apart = (found - expected).abs();
    assert!(
        apart <= tolerance * expected.abs(),
        "{name}: {found}, in Python {expected}"
    );
}

fn compare(checkpoint: &Path, expected: &End) {
    let state = TrainerState::load_from_json(&checkpoint.join("trainer_state.json")).unwrap();
    // One log a step; the first four are those that Python wrote.
    assert_eq!(state.log_history.len(), 8);
    for (name, values) in &expected.log {
        assert_eq!(values.len(), 4);
        for (logs, value) in state.log_history[4..].iter().zip(values) {
            assert_close(name, logs.get_f64(name).unwrap(), *value);
        }
    }
    let mut weights = Tensor::read_safetensors(checkpoint.join("model.safetensors")).unwrap();
    weights.retain(|(name, _)| !name.ends_with("key.bias"));
    assert_eq!(weights.len(), expected.weights.len());
    for (name, weight) in weights {
        let norm = weight.to_kind(Kind::Double).norm().double_value(&[]);
        assert_close(&name, norm, expected.weights[&name]);
    }
}

/// The generators after the run: libtorch's where Python's run left it, the others, which nothing draws from, as they were.
fn compare_generators(checkpoint: &Path, before: &Path, expected: &str) {
    let [after, before] =
        [checkpoint, before].map(|folder| RngState::load(&folder.join("rng_state.pth")).unwrap());
    let hash: String = Sha256::digest(&after.cpu)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(hash, expected);
    assert_ne!(after.cpu, before.cpu);
    assert_eq!((after.python, after.numpy), (before.python, before.numpy));
}

fn ends_as_in_python(optim: &str) {
    let _alone = alone();
    let text = std::fs::read(recorded(optim).join("expected.json")).unwrap();
    let expected: Expected = serde_json::from_slice(&text).unwrap();
    for (ignore_data_skip, end) in [
        (false, &expected.whole_run),
        (true, &expected.ignore_data_skip),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let last = resume(optim, &expected, ignore_data_skip, folder.path());
        compare(&last, end);
        compare_generators(&last, &folder.path().join("checkpoint-4"), &end.generator);
    }
}

#[test]
fn with_adamw() {
    ends_as_in_python("adamw_torch_fused");
}

#[test]
fn with_adafactor() {
    ends_as_in_python("adafactor");
}

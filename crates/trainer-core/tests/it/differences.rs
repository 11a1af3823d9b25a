//! Where Python is wrong and this project is not (`docs/differences.md`): what Python does, recorded by
//! `parity/differences.py`, beside what is done here.

use std::path::Path;

use crate::support::{alone, arguments, builder, dataset, model, trained, weights};
use serde_json::Value;
use trainer_core::{IntervalStrategy, SaveStrategy, Trainer, TrainerBuilder, TrainingArguments};
use trainer_data::Dataset;
use trainer_models::{AutoModelForSequenceClassification, Model, num_labels};

/// What Python does in one of the cases.
fn python(case: &str) -> Value {
    let recorded: Value = serde_json::from_str(include_str!("../data/differences.json")).unwrap();
    recorded[case].clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|number| number.as_f64().unwrap()).collect()
}

fn logged(trainer: &Trainer, name: &str) -> Vec<f64> {
    let history = &trainer.state().log_history;
    history
        .iter()
        .filter_map(|logs| logs.get_f64(name))
        .collect()
}

/// Equal but for how another processor rounds: relatively to `tolerance`.
fn close(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * b.abs();
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

fn without_dropout() -> Box<dyn Model> {
    let config = model().config().unwrap();
    trainer_core::set_seed(7).unwrap();
    let options = num_labels(2)
        .hidden_dropout_prob(0.0)
        .attention_probs_dropout_prob(0.0);
    AutoModelForSequenceClassification::from_config(config, options).unwrap()
}

/// Rows without padding, as those of the recording.
fn unpadded(rows: usize) -> Dataset {
    dataset(rows).remove_columns(&["attention_mask"]).unwrap()
}

fn accumulating(folder: &Path) -> TrainerBuilder {
    let args = TrainingArguments {
        per_device_train_batch_size: 4,
        gradient_accumulation_steps: 2,
        logging_steps: 1.0,
        ..arguments(folder)
    };
    Trainer::builder(without_dropout(), args).train_dataset(unpadded(30))
}

#[test]
fn accumulated_batches_are_one_large_batch_and_in_python_a_multiple() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let python = python("accumulation");
    let mut right = accumulating(folder.path()).build().unwrap();
    right.train().unwrap();
    let mut as_python = accumulating(folder.path())
        .python_losses(true)
        .build()
        .unwrap();
    as_python.train().unwrap();
    for name in ["loss", "grad_norm"] {
        let one_batch = numbers(&python["one_batch"][name]);
        let two_batches = numbers(&python["two_batches"][name]);
        assert_eq!(one_batch.len(), 8);
        // The first step starts from equal weights.
        let twice = [2.0 * one_batch[0]];
        assert!(close(&two_batches[..1], &twice, 1e-5), "{name}");
        assert!(close(&logged(&right, name), &one_batch, 1e-4), "{name}");
        let logged = logged(&as_python, name);
        assert!(close(&logged, &two_batches, 1e-4), "{name}");
    }
}

/// The first 11 rows, of which the first 6 do not count.
fn uncounted_labels() -> Dataset {
    unpadded(11)
        .map(|rows: &trainer_data::Rows<'_>| {
            let (idx, label) = (rows.column("idx")?, rows.column("label")?);
            let labels = (0..rows.len())
                .map(|row| {
                    let counts = idx.int(row)? >= 6;
                    Ok(if counts { label.int(row)? } else { -100 })
                })
                .collect::<Result<Vec<i64>, trainer_data::Error>>()?;
            let labels = trainer_data::Column::ints(labels);
            Ok(trainer_data::Columns::new().with("label", labels))
        })
        .unwrap()
}

#[test]
fn the_evaluation_loss_counts_labels_and_in_python_rows() {
    let _alone = alone();
    let python = python("evaluation_loss");
    let loss = |python_losses| {
        let folder = tempfile::tempdir().unwrap();
        let mut trainer = Trainer::builder(without_dropout(), arguments(folder.path()))
            .eval_dataset(uncounted_labels())
            .python_losses(python_losses)
            .build()
            .unwrap();
        trainer.evaluate().unwrap().get_f64("eval_loss").unwrap()
    };
    let [rows, labels] =
        ["eval_loss", "mean_over_labels"].map(|name| python[name].as_f64().unwrap());
    assert!(!close(&[rows], &[labels], 5e-5));
    assert!(close(&[loss(false)], &[labels], 1e-6));
    assert!(close(&[loss(true)], &[rows], 1e-6));
}

#[test]
fn a_damaged_checkpoint_is_skipped_and_in_python_the_end() {
    let _alone = alone();
    assert!(python("damaged_checkpoint")["error"].is_string());
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_steps: 1.0,
        ..arguments(folder.path())
    };
    let whole = trained(args.clone()).unwrap();
    let damaged = folder.path().join("checkpoint-8/model.safetensors");
    let content = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, &content[..content.len() / 2]).unwrap();
    let resumed = trained(TrainingArguments {
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    })
    .unwrap();
    assert_eq!(weights(&resumed), weights(&whole));
}

#[test]
fn an_evaluation_at_the_end_of_an_epoch_is_made_up_for_and_in_python_lost() {
    let _alone = alone();
    let python = python("end_of_epoch");
    assert_eq!(python["whole_evaluations"], 2);
    assert_eq!(python["resumed_evaluations"], 1);
    assert_eq!(python["same_weights"], false);
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_steps: 1.0,
        eval_strategy: IntervalStrategy::Epoch,
        ..arguments(folder.path())
    };
    let whole = trained(args.clone()).unwrap();
    let first_epoch = folder.path().join("checkpoint-4");
    let resumed = trained(TrainingArguments {
        resume_from_checkpoint: Some(first_epoch.to_str().unwrap().to_owned()),
        ..args
    })
    .unwrap();
    assert_eq!(logged(&whole, "eval_loss").len(), 2);
    assert_eq!(logged(&resumed, "eval_loss"), logged(&whole, "eval_loss"));
    assert_eq!(weights(&resumed), weights(&whole));
}

#[test]
fn a_complete_run_stays_as_it_is_and_in_python_trains_a_step_too_many() {
    let _alone = alone();
    let python = python("complete_run");
    assert_eq!(python["max_steps"], 3);
    assert_eq!(python["global_step"], 4);
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        max_steps: 3,
        ..arguments(folder.path())
    };
    let whole = trained(args.clone()).unwrap();
    let again = trained(TrainingArguments {
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    })
    .unwrap();
    assert_eq!(again.state().global_step, 3);
    assert_eq!(weights(&again), weights(&whole));
}

#[test]
fn the_operations_are_among_the_metrics_and_in_python_not_without_a_progress_bar() {
    let _alone = alone();
    let python = python("training_metrics");
    let names = python.as_array().unwrap();
    assert!(names.contains(&"train_loss".into()) && !names.contains(&"total_flos".into()));
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_strategy: SaveStrategy::No,
        ..arguments(folder.path())
    };
    let metrics = builder(args).build().unwrap().train().unwrap().metrics;
    assert!(metrics.get_f64("total_flos").unwrap() > 0.0);
}

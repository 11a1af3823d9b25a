//! What must hold for the loops.

use std::sync::{Arc, Mutex};

use crate::support::{alone, arguments, builder, dataset, model, trained, weights};
use trainer_collate::DefaultDataCollator;
use trainer_core::{
    Answer, Callback, CallbackContext, EarlyStoppingCallback, Event, IntervalStrategy,
    SaveStrategy, Trainer, TrainerControl, TrainingArguments,
};
use trainer_data::{Collate, Column, Columns, Dataset, Rows};
use trainer_metrics::{EvalPrediction, Metrics, glue_metric};
use trainer_models::Compute;

/// Without dropout, so that batches of different sizes draw nothing.
fn without_dropout() -> Box<dyn trainer_models::Model> {
    let config = model().config().unwrap();
    trainer_core::set_seed(7).unwrap();
    let options = trainer_models::num_labels(2)
        .hidden_dropout_prob(0.0)
        .attention_probs_dropout_prob(0.0);
    trainer_models::AutoModelForSequenceClassification::from_config(config, options).unwrap()
}

fn steps_on(
    dataset: &Dataset,
    compute: Compute,
    [batch_size, accumulation]: [usize; 2],
    label_smoothing_factor: f64,
) -> Trainer {
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        compute,
        per_device_train_batch_size: batch_size,
        gradient_accumulation_steps: accumulation,
        label_smoothing_factor,
        logging_steps: 1.0,
        save_strategy: SaveStrategy::No,
        ..arguments(folder.path())
    };
    let mut trainer = Trainer::builder(without_dropout(), args)
        .train_dataset(dataset)
        .build()
        .unwrap();
    trainer.train().unwrap();
    trainer
}

fn logged(trainer: &Trainer, name: &str) -> Vec<f64> {
    let history = &trainer.state().log_history;
    history
        .iter()
        .filter_map(|logs| logs.get_f64(name))
        .collect()
}

fn assert_same_steps(big: &Trainer, small: &Trainer) {
    assert_eq!(big.state().global_step, small.state().global_step);
    for name in ["loss", "grad_norm"] {
        let (big, small) = (logged(big, name), logged(small, name));
        assert_eq!(big.len(), 8);
        for (big, small) in big.iter().zip(&small) {
            assert!(
                (big - small).abs() <= 2e-5 * big.abs(),
                "{name}: {big} and {small}"
            );
        }
    }
}

#[test]
fn accumulation_equals_the_big_batch() {
    let _alone = alone();
    // 30 rows: the last window of an epoch is 6 rows, in batches of 4 and 2.
    let rows = dataset(30);
    let steps = |compute, batches| steps_on(&rows, compute, batches, 0.0);
    let big = steps(Compute::Reference, [8, 1]);
    for compute in Compute::ALL {
        assert_same_steps(&big, &steps(compute, [4, 2]));
    }
}

#[test]
fn accumulation_equals_the_big_batch_where_batches_have_no_label_that_counts() {
    let _alone = alone();
    let rows = dataset(30)
        .map(|rows: &Rows<'_>| {
            let (idx, label) = (rows.column("idx")?, rows.column("label")?);
            let labels = (0..rows.len())
                .map(|row| {
                    let counts = idx.int(row)? % 3 != 0;
                    Ok(if counts { label.int(row)? } else { -100 })
                })
                .collect::<Result<Vec<i64>, trainer_data::Error>>()?;
            Ok(Columns::new().with("label", Column::ints(labels)))
        })
        .unwrap();
    for smoothing in [0.0, 0.1] {
        let big = steps_on(&rows, Compute::Reference, [8, 1], smoothing);
        for compute in Compute::ALL {
            assert_same_steps(&big, &steps_on(&rows, compute, [1, 8], smoothing));
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let _alone = alone();
    let run = |compute, seed| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            compute,
            seed,
            ..arguments(folder.path())
        };
        weights(&trained(args).unwrap())
    };
    for compute in Compute::ALL {
        assert_eq!(run(compute, 1), run(compute, 1));
        assert_ne!(run(compute, 1), run(compute, 2));
    }
}

#[test]
fn workers_do_not_change_a_run() {
    let _alone = alone();
    let run = |dataloader_num_workers| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            dataloader_num_workers,
            ..arguments(folder.path())
        };
        weights(&trained(args).unwrap())
    };
    assert_eq!(run(0), run(3));
}

#[test]
fn the_evaluation_loss_is_the_mean_over_rows_whatever_the_batches() {
    let _alone = alone();
    let loss = |compute, per_device_eval_batch_size| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            compute,
            per_device_eval_batch_size,
            ..arguments(folder.path())
        };
        let metrics = builder(args).build().unwrap().evaluate().unwrap();
        metrics.get_f64("eval_loss").unwrap()
    };
    let one_by_one = loss(Compute::Reference, 1);
    for compute in Compute::ALL {
        for batch_size in [1, 4, 11, 64] {
            assert!((loss(compute, batch_size) - one_by_one).abs() < 1e-6);
        }
    }
}

#[test]
fn predictions_batch_by_batch_are_those_of_all() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        per_device_eval_batch_size: 4,
        ..arguments(folder.path())
    };
    let mut trainer = builder(args)
        .compute_metrics(glue_metric("mrpc").unwrap())
        .build()
        .unwrap();
    let set = dataset(11);
    let all = trainer.predict(&set).unwrap();
    let (mut scores, mut labels, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let metrics = trainer.predict_batches(&set, "test", |batch| {
        rows.push(batch.logits()?.shape()[0]);
        scores.extend(batch.logits()?.values());
        labels.extend(batch.labels()?.values());
        Ok(())
    });
    let metrics = metrics.unwrap();
    assert_eq!(rows, [4, 4, 3]);
    assert_eq!(scores, all.logits().unwrap().values().collect::<Vec<_>>());
    assert_eq!(labels, all.labels().unwrap().values().collect::<Vec<_>>());
    for name in ["test_loss", "test_accuracy", "test_f1"] {
        assert_eq!(metrics.get_f64(name), all.metrics.get_f64(name), "{name}");
        assert!(metrics.get_f64(name).is_some(), "{name}");
    }
    let mut seen = 0;
    let full = trainer.predict_batches(&set, "test", |_| {
        seen += 1;
        Err("no space left".into())
    });
    let error = full.unwrap_err().to_string();
    assert!(error.contains("no space left"), "{error}");
    assert_eq!(seen, 1);
}

#[test]
fn predictions_are_in_the_order_of_rows_and_metrics_follow_from_them() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .compute_metrics(glue_metric("mrpc").unwrap())
        .build()
        .unwrap();
    let set = dataset(11);
    let output = trainer.predict(&set).unwrap();
    assert_eq!(output.predictions.shape(), [11, 2]);
    let labels: Vec<f64> = output.labels().unwrap().values().collect();
    let column: Vec<f64> = set
        .iter()
        .map(|row| row.get("label").unwrap().as_int().unwrap() as f64)
        .collect();
    assert_eq!(labels, column);
    let scores: Vec<f64> = output.logits().unwrap().values().collect();
    let right = scores
        .chunks(2)
        .zip(&labels)
        .filter(|(scores, label)| f64::from(u8::from(scores[1] > scores[0])) == **label)
        .count();
    let accuracy = output.metrics.get_f64("test_accuracy").unwrap();
    assert!((accuracy - right as f64 / 11.0).abs() < 1e-12);
    assert!(output.metrics.get("epoch").is_none());
}

#[test]
fn a_closure_sees_the_whole_set() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .compute_metrics(|all: &EvalPrediction| -> trainer_core::Result<Metrics> {
            Ok(Metrics::new().with("rows", all.logits()?.num_rows() as f64))
        })
        .build()
        .unwrap();
    assert_eq!(trainer.evaluate().unwrap().get_f64("eval_rows"), Some(11.0));
}

#[test]
fn several_evaluation_sets_have_their_names_in_the_metrics() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = Trainer::builder(model(), arguments(folder.path()))
        .named_eval_dataset("near", dataset(5))
        .named_eval_dataset("far", dataset(7))
        .build()
        .unwrap();
    let metrics = trainer.evaluate().unwrap();
    assert!(metrics.get("eval_near_loss").is_some() && metrics.get("eval_far_loss").is_some());
}

/// Records the names of events.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Callback for Recorder {
    fn on_event(
        &mut self,
        event: Event<'_>,
        _: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        let name = format!("{event:?}");
        let name = name.split(['(', ' ']).next().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push(name);
        Ok(control)
    }
}

// The order that Hugging Face's test_event_flow pins, under this project's names.
#[test]
fn events_come_in_order() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::default();
    let args = TrainingArguments {
        num_train_epochs: 1.0,
        per_device_train_batch_size: 15,
        logging_steps: 1.0,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        ..arguments(folder.path())
    };
    builder(args)
        .callback(recorder.clone())
        .build()
        .unwrap()
        .train()
        .unwrap();
    let step = "StepBegin PreOptimizerStep OptimizerStep StepEnd Log";
    let expected = format!(
        "InitEnd TrainBegin EpochBegin {step} {step} EpochEnd PredictionStep PredictionStep Log Evaluate Save Log TrainEnd"
    );
    assert_eq!(recorder.0.lock().unwrap().join(" "), expected);
}

#[test]
fn labels_that_a_collator_makes_are_not_looked_at_before() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let with_labels = |add: i64| {
        dataset(30)
            .map(move |rows: &Rows<'_>| {
                let label = rows.column("label")?;
                let labels = (0..rows.len())
                    .map(|row| Ok(label.int(row)? + add))
                    .collect::<Result<Vec<i64>, trainer_data::Error>>()?;
                Ok(Columns::new().with("label", Column::ints(labels)))
            })
            .unwrap()
    };
    let from_one = trainer_data::collate_fn(|rows: &Rows<'_>| {
        let mut batch = DefaultDataCollator.collate(rows)?;
        let labels = batch.require("labels")? - 1;
        batch.insert("labels", labels);
        Ok(batch)
    });
    let args = arguments(folder.path());
    let mut trainer = Trainer::builder(model(), args.clone())
        .train_dataset(with_labels(1))
        .data_collator(from_one)
        .build()
        .unwrap();
    trainer.train().unwrap();
    let plain = Trainer::builder(model(), args)
        .train_dataset(with_labels(1))
        .build();
    let error = plain.unwrap().train().unwrap_err().to_string();
    assert!(
        error.contains("training set") && error.contains("is 2"),
        "{error}"
    );
}

struct StopBetweenBatches;

impl Callback for StopBetweenBatches {
    fn on_event(
        &mut self,
        event: Event<'_>,
        _: &CallbackContext<'_>,
        mut control: TrainerControl,
    ) -> Answer {
        control.should_training_stop |= matches!(event, Event::SubstepEnd);
        Ok(control)
    }
}

#[test]
fn a_run_stops_inside_a_window_without_a_step() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        gradient_accumulation_steps: 2,
        ..arguments(folder.path())
    };
    let mut trainer = builder(args).callback(StopBetweenBatches).build().unwrap();
    assert_eq!(trainer.train().unwrap().global_step, 0);
}

#[test]
fn a_metric_that_is_never_a_number_stops_early_and_is_never_the_best() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        num_train_epochs: 6.0,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        metric_for_best_model: Some("score".to_owned()),
        ..arguments(folder.path())
    };
    let mut trainer = builder(args)
        .compute_metrics(|_: &EvalPrediction| -> trainer_core::Result<Metrics> {
            Ok(Metrics::new().with("score", f64::NAN))
        })
        .callback(EarlyStoppingCallback::new(2))
        .build()
        .unwrap();
    trainer.train().unwrap();
    // The first evaluation has nothing to compare with; the next two are no better. Four steps are an epoch.
    let state = trainer.state();
    assert_eq!(state.global_step, 3 * 4);
    assert_eq!(state.best_metric, Some(f64::NEG_INFINITY));
    assert_eq!(state.best_global_step, None);
}

struct StopAfter(u64);

impl Callback for StopAfter {
    fn on_event(
        &mut self,
        event: Event<'_>,
        cx: &CallbackContext<'_>,
        mut control: TrainerControl,
    ) -> Answer {
        if matches!(event, Event::StepEnd) {
            control.should_training_stop |= cx.state.global_step >= self.0;
        }
        Ok(control)
    }
}

#[test]
fn a_callback_stops_the_run() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .callback(StopAfter(1))
        .build()
        .unwrap();
    assert_eq!(trainer.train().unwrap().global_step, 1);
}

#[test]
fn max_steps_wins_over_epochs_and_saves_at_the_end() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        max_steps: 6,
        ..arguments(folder.path())
    };
    let trainer = trained(args).unwrap();
    assert_eq!(
        (
            trainer.state().global_step,
            trainer.state().num_train_epochs
        ),
        (6, 2)
    );
    assert!((trainer.state().epoch - 1.5).abs() < 1e-12);
    assert!(
        folder
            .path()
            .join("checkpoint-6/trainer_state.json")
            .is_file()
    );
}

#[test]
fn the_best_model_is_loaded_at_the_end() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        num_train_epochs: 4.0,
        learning_rate: 3e-2,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        save_total_limit: Some(1),
        load_best_model_at_end: true,
        ..arguments(folder.path())
    };
    let mut trainer = trained(args).unwrap();
    let losses = logged(&trainer, "eval_loss");
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(trainer.state().best_metric, Some(best));
    let metrics = trainer.evaluate().unwrap();
    assert!((metrics.get_f64("eval_loss").unwrap() - best).abs() < 1e-7);
    let left = trainer_checkpoints(folder.path());
    assert_eq!(
        left,
        [format!(
            "checkpoint-{}",
            trainer.state().best_global_step.unwrap()
        )]
    );
}

#[test]
fn the_best_checkpoint_stays_even_if_it_is_not_loaded() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        num_train_epochs: 4.0,
        learning_rate: 3e-2,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        save_total_limit: Some(1),
        metric_for_best_model: Some("loss".to_owned()),
        ..arguments(folder.path())
    };
    let trainer = trained(args).unwrap();
    let best = trainer.state().best_global_step.unwrap();
    assert_ne!(best, trainer.state().global_step);
    let left = trainer_checkpoints(folder.path());
    assert_eq!(left, [format!("checkpoint-{best}")]);
}

#[test]
#[cfg(unix)]
fn the_best_checkpoint_stays_when_the_folder_has_another_name_on_resuming() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        save_total_limit: Some(1),
        load_best_model_at_end: true,
        ..arguments(&real)
    };
    trained(args.clone()).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let left = trainer_checkpoints(&real);
    trained(TrainingArguments {
        output_dir: link,
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    })
    .unwrap();
    assert_eq!(trainer_checkpoints(&real), left);
}

fn trainer_checkpoints(folder: &std::path::Path) -> Vec<String> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("checkpoint-"))
        .collect()
}

#[test]
fn label_smoothing_raises_the_loss_of_a_sure_model_only() {
    let _alone = alone();
    let loss = |label_smoothing_factor| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            label_smoothing_factor,
            ..arguments(folder.path())
        };
        let mut trainer = builder(args).build().unwrap();
        trainer.evaluate().unwrap().get_f64("eval_loss").unwrap()
    };
    // With two classes the smoothed loss is (1 - e) nll + e (l0 + l1) / 2.
    let folder = tempfile::tempdir().unwrap();
    let output = builder(arguments(folder.path()))
        .build()
        .unwrap()
        .predict(dataset(11))
        .unwrap();
    let scores: Vec<f64> = output.logits().unwrap().values().collect();
    let labels: Vec<f64> = output.labels().unwrap().values().collect();
    let mean = scores
        .chunks(2)
        .zip(labels)
        .map(|(scores, label)| {
            let total = (scores[0].exp() + scores[1].exp()).ln();
            let nll = total - scores[usize::from(label > 0.5)];
            0.7 * nll + 0.3 * (total - f64::midpoint(scores[0], scores[1]))
        })
        .sum::<f64>()
        / 11.0;
    assert!((loss(0.3) - mean).abs() < 1e-6);
    assert!((loss(0.0) - mean).abs() > 1e-6);
}

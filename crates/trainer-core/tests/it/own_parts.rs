//! What the builder takes in the place of its own: optimizer, schedule, sampler, criterion, frozen weights, hooks, callbacks.

use std::sync::{Arc, Mutex};

use tch::{Kind, Tensor};
use trainer_collate::{Batch, NamedTensors};
use trainer_core::loss::{Criterion, LabelUse, LossShare};
use trainer_core::optimizer::{Sgd, SgdConfig, decay_parameter_groups};
use trainer_core::schedule::{LambdaLr, ScheduleError};
use trainer_core::{
    Answer, Callback, CallbackContext, Event, IntervalStrategy, Trainer, TrainerControl,
    TrainingArguments, set_seed,
};
use trainer_data::{BoxError, Column, Sampler};
use trainer_metrics::{EvalPrediction, Metrics};
use trainer_models::{AutoModelForMaskedLM, ModelOptions, ModelOutput, PretrainedConfig};

use crate::support::recording::Rows;
use crate::support::{CONFIG, alone, arguments, builder, dataset, weights};

/// A run with a closure's changes to the builder, and the trainer after it.
fn run(
    args: TrainingArguments,
    change: impl FnOnce(trainer_core::TrainerBuilder) -> trainer_core::TrainerBuilder,
) -> Trainer {
    let mut trainer = change(builder(args)).build().unwrap();
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

#[test]
fn an_optimizer_and_a_schedule_of_ones_own_train_and_resume_exactly() {
    let _alone = alone();
    let own = |builder: trainer_core::TrainerBuilder| {
        builder
            .optimizer(|parameters| {
                let groups = decay_parameter_groups(parameters, 0.0, 0.5);
                let config = SgdConfig {
                    momentum: 0.9,
                    ..SgdConfig::default()
                };
                Sgd::new(groups, config)
            })
            .schedule(|groups, steps| {
                let total = steps as f64;
                Ok::<_, ScheduleError>(LambdaLr::new(move |step| 1.0 - step / total, groups))
            })
    };
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        logging_steps: 1.0,
        save_steps: 3.0,
        ..arguments(folder.path())
    };
    let whole = run(args.clone(), own);
    let expected: Vec<f64> = (0..8)
        .map(|step| 0.5 * (1.0 - f64::from(step) / 8.0))
        .collect();
    assert_eq!(logged(&whole, "learning_rate"), expected);
    let checkpoint = folder.path().join("checkpoint-3");
    let resumed = TrainingArguments {
        resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
        ..args
    };
    assert_eq!(weights(&run(resumed, own)), weights(&whole));
}

#[test]
fn what_an_optimizer_of_ones_own_says_ends_the_training_by_name() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .optimizer(|_| Err::<Sgd, _>("no such thing"))
        .build()
        .unwrap();
    let error = trainer.train().unwrap_err().to_string();
    assert!(
        error.contains("optimizer") && error.contains("no such thing"),
        "{error}"
    );
}

/// Every second row, backwards.
struct Backwards(usize);

impl Sampler for Backwards {
    fn order(&self, _epoch: u64) -> Vec<usize> {
        (0..self.0).rev().step_by(2).collect()
    }

    fn num_samples(&self) -> usize {
        self.0.div_ceil(2)
    }
}

#[test]
fn a_sampler_of_ones_own_orders_the_rows_of_training_alone() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let rows = Rows::default();
    let args = TrainingArguments {
        num_train_epochs: 1.0,
        per_device_train_batch_size: 5,
        ..arguments(folder.path())
    };
    let loss = rows.noting();
    run(args, |builder| {
        builder.train_sampler(Backwards(30)).compute_loss_func(loss)
    });
    let expected: Vec<i64> = (0..30).rev().step_by(2).collect();
    assert_eq!(rows.seen().concat(), expected);
}

/// The model's loss, three times.
struct Threefold;

impl Criterion for Threefold {
    fn label_use(&self) -> LabelUse {
        LabelUse::Model
    }

    fn loss(
        &self,
        output: &ModelOutput,
        _batch: &Batch,
        share: LossShare,
    ) -> trainer_core::Result<Option<Tensor>> {
        let mean = output.loss.as_ref().map(|mean| mean * 3.0);
        mean.map(|mean| share.of_mean(&mean)).transpose()
    }
}

#[test]
fn a_criterion_of_ones_own_makes_the_loss_of_accumulated_batches() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        max_steps: 1,
        max_grad_norm: 0.0,
        logging_steps: 1.0,
        gradient_accumulation_steps: 3,
        per_device_train_batch_size: 4,
        ..arguments(folder.path())
    };
    let plain = run(args.clone(), |builder| builder);
    let threefold = run(args, |builder| builder.criterion(Threefold));
    for name in ["loss", "grad_norm"] {
        let (once, thrice) = (logged(&plain, name)[0], logged(&threefold, name)[0]);
        assert!(
            (thrice - 3.0 * once).abs() < 1e-5 * once,
            "{name}: {once} {thrice}"
        );
    }
}

/// The model's loss, of outputs that are there.
struct Reading;

impl Criterion for Reading {
    fn label_use(&self) -> LabelUse {
        LabelUse::Model
    }

    fn loss(
        &self,
        output: &ModelOutput,
        _batch: &Batch,
        share: LossShare,
    ) -> trainer_core::Result<Option<Tensor>> {
        assert_eq!(output.logits()?.size()[1..], [6, 40]);
        let mean = output.loss.as_ref();
        mean.map(|mean| share.of_mean(mean)).transpose()
    }
}

/// Few tokens have labels: outputs of the others are computed for who reads them, which changes no loss.
#[test]
fn a_criterion_that_reads_outputs_is_given_them() {
    let _alone = alone();
    let masked = |rows: usize| {
        let labels = (0..rows as i64).map(|row| [-100, row % 40, -100, -100, -100, -100]);
        let rows = dataset(rows).remove_columns(&["label"]).unwrap();
        rows.add_column("labels", Column::int_lists(labels))
            .unwrap()
    };
    let losses = |reads: bool| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            eval_strategy: IntervalStrategy::Epoch,
            ..arguments(folder.path())
        };
        set_seed(7).unwrap();
        let config = PretrainedConfig::from_json(CONFIG, "config.json").unwrap();
        let model = AutoModelForMaskedLM::from_config(config, ModelOptions::new()).unwrap();
        let builder = Trainer::builder(model, args)
            .train_dataset(masked(30))
            .eval_dataset(masked(11));
        let mut trainer = match reads {
            true => builder.criterion(Reading).build().unwrap(),
            false => builder.build().unwrap(),
        };
        trainer.train().unwrap();
        [logged(&trainer, "loss"), logged(&trainer, "eval_loss")].concat()
    };
    let (read, unread) = (losses(true), losses(false));
    assert_eq!(read.len(), unread.len());
    for (read, unread) in read.iter().zip(&unread) {
        assert!((read - unread).abs() < 1e-5, "{read} {unread}");
    }
}

#[test]
fn frozen_weights_stay_and_the_others_train() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let before = weights(&builder(arguments(folder.path())).build().unwrap());
    let trainer = run(arguments(folder.path()), |builder| {
        builder.freeze("bert.embeddings.*").freeze("*.layer.0.*")
    });
    for ((name, before), (_, after)) in before.iter().zip(&weights(&trainer)) {
        let frozen = name.starts_with("bert.embeddings.") || name.contains(".layer.0.");
        assert_eq!(before == after, frozen, "{name}");
    }
    let error = builder(arguments(folder.path()))
        .freeze("bert.embedings.*")
        .build();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("bert.embedings.*"), "{error}");
}

#[test]
fn outputs_are_changed_on_the_device_before_they_are_kept() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = builder(arguments(folder.path()))
        .preprocess_logits_for_metrics(|outputs: NamedTensors, labels: &Batch| {
            let classes = outputs.require("logits")?.argmax(-1, false);
            let right = classes
                .eq_tensor(labels.require("labels")?)
                .to_kind(Kind::Int64);
            Ok([("classes", classes), ("right", right)]
                .into_iter()
                .collect())
        })
        .compute_metrics(|all: &EvalPrediction| -> Result<Metrics, BoxError> {
            let right: f64 = all.predictions.require("right")?.values().sum();
            Ok(Metrics::new().with("right", right))
        })
        .build()
        .unwrap();
    let output = trainer.predict(dataset(11)).unwrap();
    assert_eq!(
        output.predictions.names().collect::<Vec<_>>(),
        ["classes", "right"]
    );
    assert_eq!(output.predictions.require("classes").unwrap().shape(), [11]);
    assert!(output.logits().is_err());
    let right: f64 = output.predictions.require("right").unwrap().values().sum();
    assert_eq!(output.metrics.get_f64("test_right"), Some(right));
}

#[test]
fn metrics_see_inputs_and_losses_when_they_are_asked_for() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let seen = |include: &[&str]| {
        let args = TrainingArguments {
            include_for_metrics: include.iter().map(|name| (*name).to_owned()).collect(),
            per_device_eval_batch_size: 4,
            ..arguments(folder.path())
        };
        let seen = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&seen);
        let mut trainer = builder(args)
            .compute_metrics(move |all: &EvalPrediction| -> Result<Metrics, BoxError> {
                *keep.lock().unwrap() = Some(all.clone());
                Ok(Metrics::new())
            })
            .build()
            .unwrap();
        let loss = trainer.evaluate().unwrap().get_f64("eval_loss").unwrap();
        let all = seen.lock().unwrap().take().unwrap();
        (all, loss)
    };
    let (all, loss) = seen(&["inputs", "loss"]);
    assert_eq!(all.inputs.require("input_ids").unwrap().shape(), [11, 6]);
    let losses = all.losses.unwrap();
    assert_eq!(losses.shape(), [11]);
    let mean = losses.values().sum::<f64>() / 11.0;
    assert!((mean - loss).abs() < 1e-6, "{mean} {loss}");
    let (all, _) = seen(&[]);
    assert!(all.inputs.is_empty() && all.losses.is_none());
}

#[test]
fn labels_are_the_columns_that_are_named() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        label_names: Some(vec!["labels".to_owned(), "idx".to_owned()]),
        ..arguments(folder.path())
    };
    let mut trainer = builder(args)
        .compute_loss_func(|output, batch| {
            batch.require("idx")?;
            Ok(output.logits()?.mean(Kind::Float))
        })
        .build()
        .unwrap();
    let output = trainer.predict(dataset(11)).unwrap();
    let mut names: Vec<&str> = output.label_ids.names().collect();
    names.sort_unstable();
    assert_eq!(names, ["idx", "labels"]);
    let numbers: Vec<f64> = output.label_ids.require("idx").unwrap().values().collect();
    assert_eq!(numbers, (0..11).map(f64::from).collect::<Vec<_>>());
    assert!(output.metrics.get_f64("test_loss").is_some());
}

struct Count(Arc<Mutex<usize>>);

impl Callback for Count {
    fn on_event(
        &mut self,
        event: Event<'_>,
        _context: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        *self.0.lock().unwrap() += usize::from(matches!(event, Event::StepEnd));
        Ok(control)
    }
}

#[test]
fn callbacks_come_and_go_after_the_trainer_is_built() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let steps = Arc::new(Mutex::new(0));
    let mut trainer = builder(arguments(folder.path())).build().unwrap();
    trainer.add_callback(Count(Arc::clone(&steps)));
    trainer.train().unwrap();
    assert_eq!(*steps.lock().unwrap(), 8);
    assert!(trainer.remove_callback("Count").is_some());
    assert!(trainer.remove_callback("Count").is_none());
    trainer.train().unwrap();
    assert_eq!(*steps.lock().unwrap(), 8);
}

#[test]
fn a_collator_from_outside_has_its_labels_looked_at_before_the_first_step() {
    struct Named(trainer_collate::DefaultDataCollator);
    impl trainer_data::Collate for Named {
        type Batch = Batch;
        fn collate(&self, rows: &trainer_data::Rows<'_>) -> Result<Batch, BoxError> {
            self.0.collate(rows)
        }
        fn label_columns(&self) -> &[&str] {
            &["label"]
        }
        fn save_pretrained(&self, folder: &std::path::Path) -> Result<(), BoxError> {
            Ok(std::fs::write(folder.join("words.txt"), "a b c")?)
        }
    }
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let labels = trainer_data::Column::ints((0..30).map(|row| if row == 17 { 2 } else { 0 }));
    let wrong = dataset(30).remove_columns(&["label"]).unwrap();
    let wrong = wrong.add_column("label", labels).unwrap();
    let collator = || Named(trainer_collate::DefaultDataCollator);
    let mut trainer = builder(arguments(folder.path()))
        .train_dataset(&wrong)
        .data_collator(collator())
        .build()
        .unwrap();
    let error = trainer.train().unwrap_err().to_string();
    assert!(
        error.contains("the training set") && error.contains("labels[17] is 2"),
        "{error}"
    );
    let trainer = builder(arguments(folder.path()))
        .data_collator(collator())
        .build()
        .unwrap();
    trainer.save_model().unwrap();
    assert!(folder.path().join("words.txt").exists());
}

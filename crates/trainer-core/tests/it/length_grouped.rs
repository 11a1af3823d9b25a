//! Training rows grouped by length, and batches of similar cost: those of the Python Trainer (`parity/length_grouped.py`), and
//! after a resume too.

use std::collections::HashMap;
use std::path::Path;

use crate::support::recording::{Rows, logged, quick, run};
use crate::support::{alone, arguments, dataset, model, weights};
use serde_json::Value;
use trainer_core::{IntervalStrategy, SamplingStrategy, Trainer, TrainingArguments, set_seed};
use trainer_data::{Column, Columns, Dataset, Rows as DataRows};
use trainer_models::{AutoModelForSequenceClassification, Compute, Model, num_labels};
use trainer_torch::rng_state::RngState;

fn python(case: &str) -> Vec<i64> {
    let recorded: Value =
        serde_json::from_str(include_str!("../data/length_grouped.json")).unwrap();
    serde_json::from_value(recorded[case].clone()).unwrap()
}

/// The model without dropout: what that draws would change the order of the second epoch.
fn without_dropout() -> Box<dyn Model> {
    let config = model().config().unwrap();
    set_seed(7).unwrap();
    let options = num_labels(2)
        .hidden_dropout_prob(0.0)
        .attention_probs_dropout_prob(0.0);
    AutoModelForSequenceClassification::from_config(config, options).unwrap()
}

/// Thirty rows, and in the column `size` other lengths than they have.
fn sized() -> Dataset {
    let size = |rows: &DataRows<'_>| {
        let numbers = rows.column("idx")?;
        let sizes: Result<Vec<i64>, trainer_data::Error> = (0..rows.len())
            .map(|k| Ok(numbers.int(k)?.pow(2) * 7 % 17 + 1))
            .collect();
        Ok(Columns::new().with("size", Column::ints(sizes?)))
    };
    dataset(30).map(size).unwrap()
}

fn grouped(length_column_name: &str, folder: &Path) -> TrainingArguments {
    TrainingArguments {
        train_sampling_strategy: SamplingStrategy::GroupByLength,
        length_column_name: length_column_name.to_owned(),
        per_device_train_batch_size: 4,
        gradient_accumulation_steps: 2,
        ..arguments(folder)
    }
}

/// The rows of the batches of two epochs.
fn batches(args: TrainingArguments) -> Vec<Vec<i64>> {
    let folder = tempfile::tempdir().unwrap();
    let rows = Rows::default();
    let args = TrainingArguments {
        output_dir: folder.path().to_owned(),
        ..args
    };
    let mut trainer = Trainer::builder(without_dropout(), args)
        .train_dataset(sized())
        .compute_loss_func(rows.noting())
        .build()
        .unwrap();
    trainer.train().unwrap();
    rows.seen()
}

fn order(args: TrainingArguments) -> Vec<i64> {
    batches(args).concat()
}

#[test]
fn the_order_is_pythons() {
    let _alone = alone();
    let unused = Path::new("unused");
    for compute in [Compute::Reference, Compute::Fast] {
        let args = |column| TrainingArguments {
            compute,
            ..grouped(column, unused)
        };
        assert_eq!(order(args("size")), python("by_column"));
        // Without such a column, by the lists of `input_ids`, which are all of one length here.
        assert_eq!(order(args("length")), python("by_input_ids"));
        let other = TrainingArguments {
            seed: 5,
            data_seed: Some(9),
            ..args("size")
        };
        assert_eq!(order(other), python("other_seed"));
    }
    // By default Python drops the column with those that the model does not take, before it reads the lengths.
    assert_eq!(python("dropped"), python("by_input_ids"));
}

#[test]
fn batches_of_similar_cost_are_pythons() {
    let _alone = alone();
    let recorded: HashMap<String, Vec<Vec<i64>>> =
        serde_json::from_str(include_str!("../data/batch_rebalance.json")).unwrap();
    for compute in [Compute::Reference, Compute::Fast] {
        let args = TrainingArguments {
            train_sampling_strategy: SamplingStrategy::BatchRebalance,
            compute,
            ..grouped("size", Path::new("unused"))
        };
        assert_eq!(batches(args.clone()), recorded["by_column"]);
        let other = TrainingArguments {
            seed: 5,
            data_seed: Some(9),
            ..args.clone()
        };
        assert_eq!(batches(other), recorded["other_seed"]);
        let whole = TrainingArguments {
            dataloader_drop_last: true,
            ..args
        };
        assert_eq!(batches(whole), recorded["drop_last"]);
    }
}

fn trained(args: TrainingArguments) -> Trainer {
    set_seed(args.seed).unwrap();
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(sized())
        .eval_dataset(dataset(11))
        .build()
        .unwrap();
    trainer.train().unwrap();
    trainer
}

#[test]
fn a_run_that_resumes_anywhere_ends_as_the_uninterrupted_one() {
    let _alone = alone();
    for (strategy, accumulation, workers) in [
        (SamplingStrategy::GroupByLength, 1, 2),
        (SamplingStrategy::GroupByLength, 3, 0),
        (SamplingStrategy::BatchRebalance, 2, 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            train_sampling_strategy: strategy,
            gradient_accumulation_steps: accumulation,
            dataloader_num_workers: workers,
            save_steps: 1.0,
            logging_steps: 1.0,
            eval_strategy: IntervalStrategy::Epoch,
            ..grouped("size", folder.path())
        };
        let whole = trained(args.clone());
        let losses = |trainer: &Trainer, from: u64| -> Vec<(u64, f64)> {
            let logged = logged(trainer, "loss").into_iter();
            logged.filter(|(step, _)| *step > from).collect()
        };
        for step in 1..whole.state().max_steps {
            let other = tempfile::tempdir().unwrap();
            let checkpoint = folder.path().join(format!("checkpoint-{step}"));
            let resumed = trained(TrainingArguments {
                output_dir: other.path().to_owned(),
                resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
                ..args.clone()
            });
            let what = format!("{strategy}, windows of {accumulation}, from step {step}");
            assert_eq!(losses(&resumed, step), losses(&whole, step), "{what}");
            assert_eq!(weights(&resumed), weights(&whole), "{what}");
        }
    }
}

#[test]
fn a_checkpoint_keeps_what_orders_are_drawn_from_only_where_they_are() {
    let _alone = alone();
    let kept = |train_sampling_strategy| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            train_sampling_strategy,
            save_steps: 1.0,
            max_steps: 1,
            ..grouped("size", folder.path())
        };
        trained(args);
        let file = folder.path().join("checkpoint-1/rng_state.pth");
        RngState::load(&file).unwrap().before_order.is_some()
    };
    assert!(kept(SamplingStrategy::GroupByLength));
    assert!(!kept(SamplingStrategy::Random));
    assert!(!kept(SamplingStrategy::BatchRebalance));
}

/// Scores stay in the order of the rows, whichever order Python evaluates in.
#[test]
fn evaluations_are_in_the_order_of_the_rows() {
    let _alone = alone();
    let scores = |train_sampling_strategy| {
        let args = TrainingArguments {
            train_sampling_strategy,
            length_column_name: "idx".to_owned(),
            ..quick()
        };
        let mut trainer = run(&args, |builder| builder.train_dataset(dataset(1)));
        let labels = trainer.predict(dataset(11)).unwrap().label_ids;
        format!("{labels:?}")
    };
    assert_eq!(
        scores(SamplingStrategy::GroupByLength),
        scores(SamplingStrategy::Sequential)
    );
}

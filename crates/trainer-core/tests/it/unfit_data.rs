//! Data and arguments that do not go together are refused before the first step, in one line that says what and where.

use crate::support::recording::OnEvent;
use crate::support::{alone, arguments, dataset, model};
use trainer_core::{
    CallbackContext, Event, IntervalStrategy, SaveStrategy, Trainer, TrainerBuilder,
    TrainingArguments,
};
use trainer_data::{ClassLabel, Column, Dataset};
use trainer_metrics::{Accuracy, EvalPrediction, F1, MetricGroup, Metrics};
use trainer_models::{
    AutoModelForSequenceClassification, Model, ModelOptions, ProblemType, num_labels,
};

fn model_with(options: ModelOptions) -> Box<dyn Model> {
    let config = model().config().unwrap();
    Box::new(AutoModelForSequenceClassification::from_config(config, options).unwrap())
}

/// Twelve rows with these labels.
fn labelled(labels: Column) -> Dataset {
    labelled_as("label", labels)
}

/// The collator makes float32 of lists in a column `label`, as Python's does, and int64 in a column `labels`.
fn labelled_as(column: &str, labels: Column) -> Dataset {
    let rows = dataset(12).remove_columns(&["label"]).unwrap();
    rows.add_column(column, labels).unwrap()
}

fn int_lists() -> Column {
    Column::int_lists((0..12).map(|row| [row % 2, 1, 0]))
}

fn float_lists() -> Column {
    Column::float_lists((0..12).map(|row| [f64::from(row % 2), 1.0, 0.0]))
}

/// Trains, and gives the error, which came before the first step.
fn refused(
    model: Box<dyn Model>,
    change: impl FnOnce(TrainingArguments) -> TrainingArguments,
    with: impl FnOnce(TrainerBuilder) -> TrainerBuilder,
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_strategy: SaveStrategy::No,
        ..arguments(folder.path())
    };
    let builder = Trainer::builder(model, change(args)).callback(OnEvent(
        |event: Event<'_>, _: &CallbackContext<'_>, control| {
            assert!(!matches!(event, Event::StepBegin), "a step was begun");
            Ok(control)
        },
    ));
    let error = match with(builder).build() {
        Err(error) => error,
        Ok(mut trainer) => trainer.train().unwrap_err(),
    };
    let message = error.to_string();
    assert!(
        !message.contains('\n') && !message.contains("frame #"),
        "{message}"
    );
    message
}

/// Training on these labels is refused with these words.
fn labels_refused(labels: Column, options: ModelOptions, smoothing: f64, words: &[&str]) {
    rows_refused(&labelled(labels), options, smoothing, words);
}

fn rows_refused(rows: &Dataset, options: ModelOptions, smoothing: f64, words: &[&str]) {
    let message = refused(
        model_with(options),
        |args| TrainingArguments {
            label_smoothing_factor: smoothing,
            ..args
        },
        |builder| builder.train_dataset(rows),
    );
    for word in ["the training set", "column \"label"].iter().chain(words) {
        assert!(message.contains(word), "expected {word:?} in: {message}");
    }
}

#[test]
fn labels_of_another_form_than_the_problem_type_takes() {
    let _alone = alone();
    let single = ProblemType::SingleLabelClassification;
    let several = ProblemType::MultiLabelClassification;
    let scores = Column::floats([0.0, 0.9, 1.5].repeat(4));
    labels_refused(
        scores,
        num_labels(2).problem_type(single),
        0.0,
        &["labels[1] is 0.9", "whole number"],
    );
    let whole = [
        ("multi_label_classification", "int64 of shape [rows, 3]"),
        ("0.0 and 1.0", "single_label_classification"),
    ];
    for smoothing in [0.0, 0.1] {
        for (first, second) in whole {
            let rows = labelled_as("labels", int_lists());
            rows_refused(&rows, num_labels(3), smoothing, &[first, second]);
        }
    }
    let bools = Column::bools((0..12).map(|row| row % 2 == 0));
    rows_refused(
        &labelled_as("labels", bools),
        num_labels(2),
        0.0,
        &[
            "bool of shape [rows]",
            "multi_label_classification",
            "whole numbers",
        ],
    );
    let floats = Column::floats((0..12).map(f64::from));
    labels_refused(
        floats,
        num_labels(2),
        0.0,
        &[
            "float32 of shape [rows]",
            "2 outputs",
            "multi_label_classification",
        ],
    );
    let classes = Column::ints((0..12).map(|row| row % 3));
    labels_refused(
        classes,
        num_labels(3).problem_type(several),
        0.0,
        &["int64 of shape [rows]", "one class a row"],
    );
    labels_refused(
        float_lists(),
        num_labels(1),
        0.0,
        &["regression", "one number a row"],
    );
    let ignored = Column::ints([-100; 12]);
    labels_refused(
        ignored,
        num_labels(2),
        0.0,
        &["-100", "nothing to train on"],
    );
    let words = Column::strings((0..12).map(|row| if row % 2 == 0 { "ham" } else { "spam" }));
    labels_refused(
        words,
        num_labels(2),
        0.0,
        &["class_encode_column(\"label\")"],
    );
}

#[test]
fn labels_that_cannot_be_smoothed() {
    let _alone = alone();
    let scores = Column::floats((0..12).map(f64::from));
    labels_refused(
        scores,
        num_labels(1),
        0.1,
        &["label_smoothing_factor", "one output"],
    );
    labels_refused(
        float_lists(),
        num_labels(3),
        0.1,
        &["label_smoothing_factor", "no whole numbers"],
    );
    let classes = Column::ints([0; 12]);
    labels_refused(
        classes,
        num_labels(1),
        0.1,
        &["label_smoothing_factor", "one output"],
    );
}

#[test]
fn labels_of_every_form_that_the_problem_type_takes_train() {
    let _alone = alone();
    let several = ProblemType::MultiLabelClassification;
    for (labels, options) in [
        (float_lists(), num_labels(3)),
        (int_lists(), num_labels(3).problem_type(several)),
        (
            float_lists(),
            num_labels(3).problem_type(ProblemType::Regression),
        ),
        (Column::floats((0..12).map(f64::from)), num_labels(1)),
        (Column::ints(0..12), num_labels(1)),
        (Column::ints((0..12).map(|row| row % 2)), num_labels(2)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let rows = labelled(labels);
        let mut trainer = Trainer::builder(model_with(options), arguments(folder.path()))
            .train_dataset(&rows)
            .eval_dataset(&rows)
            .build()
            .unwrap();
        trainer.train().unwrap();
        assert!(
            trainer
                .evaluate()
                .unwrap()
                .get_f64("eval_loss")
                .unwrap()
                .is_finite()
        );
    }
}

#[test]
fn a_set_without_labels_or_of_ragged_rows() {
    let _alone = alone();
    let train =
        |rows: Dataset| refused(model(), |args| args, |builder| builder.train_dataset(&rows));
    let without = train(dataset(12).remove_columns(&["label"]).unwrap());
    assert!(without.contains("\"label\" or \"labels\""), "{without}");
    let rows = dataset(12).remove_columns(&["input_ids"]).unwrap();
    let ids = Column::int_lists((0..12).map(|row| vec![3; 2 + row % 4]));
    let ragged = train(rows.add_column("input_ids", ids).unwrap());
    for word in ["input_ids", "DataCollatorWithPadding", "processing_class"] {
        assert!(ragged.contains(word), "{ragged}");
    }
}

fn group() -> MetricGroup {
    MetricGroup::new("mine")
        .with(Accuracy::new())
        .with(F1::default())
}

#[test]
fn a_metric_that_no_evaluation_has_is_named_with_those_there_are() {
    let _alone = alone();
    let following = |metric: &str, with: fn(TrainerBuilder) -> TrainerBuilder| {
        refused(
            model(),
            |args| TrainingArguments {
                eval_strategy: IntervalStrategy::Epoch,
                metric_for_best_model: Some(metric.to_owned()),
                greater_is_better: Some(true),
                ..args
            },
            |builder| with(builder.train_dataset(dataset(12))),
        )
    };
    let message = following("F1", |builder| {
        builder.eval_dataset(dataset(4)).compute_metrics(group())
    });
    for word in ["\"F1\"", "eval_F1", "eval_accuracy, eval_f1, eval_loss"] {
        assert!(message.contains(word), "{message}");
    }
    let message = following("eval_second_f1", |builder| {
        builder
            .named_eval_dataset("first", dataset(4))
            .compute_metrics(group())
    });
    assert!(message.contains("eval_first_f1"), "{message}");
    let message = following("accuracy", |builder| builder.eval_dataset(dataset(4)));
    assert!(message.contains("eval_loss"), "{message}");
}

#[test]
fn an_evaluation_set_without_a_label_that_counts() {
    let _alone = alone();
    let rows = labelled(Column::ints([-100; 12]));
    let message = refused(
        model(),
        |args| args,
        |builder| {
            builder
                .train_dataset(dataset(12))
                .named_eval_dataset("late", &rows)
        },
    );
    for word in ["evaluation set \"late\"", "-100", "nothing to evaluate"] {
        assert!(message.contains(word), "{message}");
    }
}

fn classes<const N: usize>(names: [&str; N]) -> Dataset {
    let numbers = (0..12).map(|row| row % N as i64);
    labelled(Column::class_labels(ClassLabel::new(names), numbers).unwrap())
}

#[test]
fn sets_that_number_their_classes_differently() {
    let _alone = alone();
    let message = refused(
        model(),
        |args| args,
        |builder| {
            builder
                .train_dataset(classes(["ham", "spam"]))
                .eval_dataset(classes(["spam", "ham"]))
        },
    );
    for word in [
        "the evaluation set",
        "spam, ham",
        "ham, spam",
        "class_encode_column",
    ] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn the_model_calls_its_classes_as_the_data_set_does_unless_it_has_names() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let named = |options: ModelOptions| {
        let trainer = Trainer::builder(model_with(options), arguments(folder.path()))
            .train_dataset(classes(["ham", "spam"]))
            .build()
            .unwrap();
        let config = trainer.model().config().unwrap();
        config.id2label().into_values().collect::<Vec<_>>()
    };
    assert_eq!(named(num_labels(2)), ["ham", "spam"]);
    let own = ModelOptions::new().id2label(["good", "bad"]);
    assert_eq!(named(own), ["good", "bad"]);
    assert_eq!(named(num_labels(3)), ["LABEL_0", "LABEL_1", "LABEL_2"]);
}

/// A metric that does not say its names before is followed once they are known.
#[test]
fn a_metric_of_ones_own_is_taken_at_its_word() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Epoch,
        load_best_model_at_end: true,
        metric_for_best_model: Some("rows".to_owned()),
        ..arguments(folder.path())
    };
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(dataset(12))
        .eval_dataset(dataset(4))
        .compute_metrics(|all: &EvalPrediction| -> trainer_core::Result<Metrics> {
            Ok(Metrics::new().with("rows", all.logits()?.num_rows() as f64))
        })
        .build()
        .unwrap();
    trainer.train().unwrap();
    assert_eq!(trainer.state().best_metric, Some(4.0));
}

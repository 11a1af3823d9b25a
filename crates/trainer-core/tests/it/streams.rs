//! Training, evaluation and prediction over streams.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{alone, arguments, dataset, model, weights};
use trainer_core::{Error, IntervalStrategy, SaveStrategy, Trainer, TrainingArguments};
use trainer_data::{BoxError, Column, Columns, Dataset, IterableDataset, MapOptions, Rows};

/// Thirty rows in three shards.
fn stream() -> IterableDataset {
    dataset(30).to_iterable_dataset(3).unwrap()
}

/// 20 steps of batches of 4: 8 a pass over thirty rows.
fn streaming(folder: &Path) -> TrainingArguments {
    TrainingArguments {
        max_steps: 20,
        per_device_train_batch_size: 4,
        save_steps: 1.0,
        ..arguments(folder)
    }
}

fn trained(train: &IterableDataset, args: TrainingArguments) -> Trainer {
    let mut trainer = Trainer::builder(model(), args)
        .train_dataset(train)
        .eval_dataset(dataset(11).to_iterable_dataset(2).unwrap())
        .build()
        .unwrap();
    trainer.train().unwrap();
    trainer
}

/// The stream, and the numbers of the rows that are read from it and mapped, two at a time.
fn watched(stream: &IterableDataset) -> (IterableDataset, Arc<Mutex<Vec<i64>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let note = move |rows: &Rows<'_>| -> Result<Columns, BoxError> {
        let numbers = rows.column("idx")?;
        for k in 0..rows.len() {
            noted.lock().unwrap().push(numbers.int(k)?);
        }
        Ok(Columns::new())
    };
    let pairs = MapOptions::default().batch_size(2);
    (stream.map_with(note, &pairs).unwrap(), seen)
}

fn resumes_exactly(
    train: &IterableDataset,
    change: impl Fn(TrainingArguments) -> TrainingArguments,
) {
    let folder = tempfile::tempdir().unwrap();
    let args = change(streaming(folder.path()));
    let whole = trained(train, args.clone());
    assert_eq!(whole.state().global_step, 20);
    for step in [1, 3, 7, 8, 9, 15, 16, 19] {
        let checkpoint = folder.path().join(format!("checkpoint-{step}"));
        let other = tempfile::tempdir().unwrap();
        let resumed = trained(
            train,
            TrainingArguments {
                output_dir: other.path().to_owned(),
                resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
                ..args.clone()
            },
        );
        assert_eq!(weights(&resumed), weights(&whole), "from step {step}");
        assert_eq!(resumed.state().epoch, whole.state().epoch);
        let evaluations = |trainer: &Trainer| {
            let history = trainer.state().log_history.iter();
            history
                .filter_map(|logs| logs.get_f64("eval_loss"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            evaluations(&resumed),
            evaluations(&whole),
            "from step {step}"
        );
    }
}

#[test]
fn a_run_over_a_stream_resumes_exactly() {
    let _alone = alone();
    resumes_exactly(&stream(), |args| args);
    resumes_exactly(&stream(), |args| TrainingArguments {
        gradient_accumulation_steps: 3,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Steps,
        max_steps: 20,
        ..args
    });
}

#[test]
fn a_run_over_a_shuffled_stream_resumes_exactly() {
    let _alone = alone();
    let (filtered, _) = watched(&stream());
    resumes_exactly(&filtered.shuffle(3, 8).unwrap(), |args| args);
    resumes_exactly(&stream().shuffle(5, 12).unwrap(), |args| args);
}

/// A checkpoint that an epoch's end wrote is followed by the next epoch.
#[test]
fn checkpoints_at_the_ends_of_epochs_resume_exactly() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_strategy: SaveStrategy::Epoch,
        eval_strategy: IntervalStrategy::Epoch,
        ..streaming(folder.path())
    };
    let train = stream().shuffle(1, 5).unwrap();
    let whole = trained(&train, args.clone());
    let other = tempfile::tempdir().unwrap();
    let resumed = trained(
        &train,
        TrainingArguments {
            output_dir: other.path().to_owned(),
            resume_from_checkpoint: Some(
                folder
                    .path()
                    .join("checkpoint-8")
                    .to_str()
                    .unwrap()
                    .to_owned(),
            ),
            ..args
        },
    );
    assert_eq!(weights(&resumed), weights(&whole));
    let lines = |trainer: &Trainer| trainer.state().log_history.len();
    assert_eq!(lines(&resumed), lines(&whole));
}

/// Of a stream that is not shuffled no row is read again that was trained on.
#[test]
fn what_was_trained_on_is_not_read_again() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (train, seen) = watched(&stream());
    trained(
        &train,
        TrainingArguments {
            max_steps: 5,
            ..streaming(folder.path())
        },
    );
    assert_eq!(*seen.lock().unwrap(), (0..20).collect::<Vec<_>>());
    seen.lock().unwrap().clear();
    trained(
        &train,
        TrainingArguments {
            max_steps: 7,
            resume_from_checkpoint: Some("last".to_owned()),
            ..streaming(folder.path())
        },
    );
    assert_eq!(*seen.lock().unwrap(), (20..28).collect::<Vec<_>>());
    seen.lock().unwrap().clear();
    // As in Python the epoch begins again.
    trained(
        &train,
        TrainingArguments {
            max_steps: 8,
            ignore_data_skip: true,
            resume_from_checkpoint: Some("last".to_owned()),
            ..streaming(folder.path())
        },
    );
    assert_eq!(*seen.lock().unwrap(), (0..4).collect::<Vec<_>>());
}

/// Without the file, as Python's checkpoints are, the batches are read and passed over.
#[test]
fn a_checkpoint_without_a_position_passes_over_batches() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = streaming(folder.path());
    let whole = trained(&stream(), args.clone());
    let checkpoint = folder.path().join("checkpoint-11");
    std::fs::remove_file(checkpoint.join("train_dataset_state.json")).unwrap();
    let other = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        output_dir: other.path().to_owned(),
        resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
        ..args
    };
    assert_eq!(weights(&trained(&stream(), args)), weights(&whole));
    let changed = folder.path().join("checkpoint-12");
    std::fs::write(changed.join("train_dataset_state.json"), "{}").unwrap();
    let mut trainer = Trainer::builder(
        model(),
        TrainingArguments {
            resume_from_checkpoint: Some(changed.to_str().unwrap().to_owned()),
            ..streaming(folder.path())
        },
    );
    trainer = trainer.train_dataset(stream());
    assert!(trainer.build().unwrap().train().is_err());
}

/// In the order of its rows, without a buffer, a stream gives the weights that the same rows give in that order.
#[test]
fn a_stream_trains_as_its_rows_do() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        max_steps: 7,
        ..streaming(folder.path())
    };
    let streamed = trained(&stream(), args.clone());
    let other = tempfile::tempdir().unwrap();
    let mut rows = Trainer::builder(
        model(),
        TrainingArguments {
            output_dir: other.path().to_owned(),
            ..args
        },
    )
    .train_dataset(dataset(30))
    .train_sampler(trainer_data::SequentialSampler::new(30))
    .build()
    .unwrap();
    rows.train().unwrap();
    assert_eq!(weights(&streamed), weights(&rows));
}

#[test]
fn a_stream_without_rows_ends_the_training() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    for empty in [stream().filter(|_| Ok(false)), stream().take(0)] {
        let trainer = trained(&empty, streaming(folder.path()));
        assert_eq!(trainer.state().global_step, 0);
    }
    // Shorter than a batch, where that is dropped.
    let args = TrainingArguments {
        dataloader_drop_last: true,
        ..streaming(folder.path())
    };
    assert_eq!(trained(&stream().take(3), args).state().global_step, 0);
    // One that ends later: as many passes as it takes.
    assert_eq!(
        trained(&stream().take(3), streaming(folder.path()))
            .state()
            .global_step,
        20
    );
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let once = stream().filter(move |_| Ok(counter.fetch_add(1, Ordering::Relaxed) < 12));
    assert_eq!(
        trained(&once, streaming(folder.path())).state().global_step,
        3
    );
    let mut trainer = trained(
        &stream(),
        TrainingArguments {
            max_steps: 1,
            ..streaming(folder.path())
        },
    );
    let refused = trainer.evaluate_on(stream().take(0), "eval").unwrap_err();
    assert!(matches!(refused, Error::EmptyDataset(_)));
}

#[test]
fn a_stream_needs_max_steps() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let refused = Trainer::builder(model(), arguments(folder.path()))
        .train_dataset(stream())
        .build();
    let message = refused.err().unwrap().to_string();
    assert!(message.starts_with(
        "The train_dataset does not implement __len__, so the number of training steps cannot"
    ));
}

#[test]
fn evaluation_and_prediction_over_a_stream_are_those_of_its_rows() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trained(
        &stream(),
        TrainingArguments {
            max_steps: 2,
            ..streaming(folder.path())
        },
    );
    let rows = dataset(11);
    let streamed = rows.to_iterable_dataset(3).unwrap();
    let (one, other) = (
        trainer.evaluate_on(&rows, "eval").unwrap(),
        trainer.evaluate_on(&streamed, "eval").unwrap(),
    );
    assert_eq!(one.get_f64("eval_loss"), other.get_f64("eval_loss"));
    let (one, other) = (
        trainer.predict(&rows).unwrap(),
        trainer.predict(&streamed).unwrap(),
    );
    assert_eq!(one.predictions, other.predictions);
    assert_eq!(one.label_ids, other.label_ids);
}

/// Columns that the model does not take are known to be unused, and words are no labels, though only when they are read.
#[test]
fn data_that_does_not_fit_is_an_error() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let of = |column: Column| Dataset::from_columns(Columns::new().with("text", column)).unwrap();
    let words = of(Column::strings(["a", "b"]))
        .to_iterable_dataset(1)
        .unwrap();
    let mut builder = Trainer::builder(model(), streaming(folder.path()));
    builder = builder.train_dataset(&words);
    let refused = builder.build().unwrap().train().unwrap_err();
    assert!(matches!(refused, Error::NoColumns { .. }), "{refused}");
    let unlabelled = stream().remove_columns(&["label"]).unwrap();
    let trainer = Trainer::builder(model(), streaming(folder.path())).train_dataset(&unlabelled);
    let refused = trainer.build().unwrap().train().unwrap_err();
    assert!(matches!(refused, Error::NoLoss(_)), "{refused}");
}

//! A run that is interrupted and resumed ends as if nothing had happened.

use crate::support::{alone, arguments, builder, trained, weights};
use trainer_core::{IntervalStrategy, TrainingArguments};
use trainer_models::Compute;

/// 30 rows in batches of 4 are 8 steps an epoch, so checkpoints fall inside epochs and on their ends.
fn with_checkpoints(folder: &std::path::Path) -> TrainingArguments {
    TrainingArguments {
        per_device_train_batch_size: 4,
        save_steps: 1.0,
        eval_strategy: IntervalStrategy::Epoch,
        ..arguments(folder)
    }
}

fn resumes_exactly(change: impl Fn(TrainingArguments) -> TrainingArguments) {
    for compute in Compute::ALL {
        computing_resumes_exactly(compute, &change);
    }
}

fn computing_resumes_exactly(
    compute: Compute,
    change: &impl Fn(TrainingArguments) -> TrainingArguments,
) {
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        compute,
        ..change(with_checkpoints(folder.path()))
    };
    let whole = trained(args.clone()).unwrap();
    let checkpoints = std::fs::read_dir(folder.path()).unwrap();
    let checkpoints: Vec<_> = checkpoints
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("checkpoint-")
        })
        .collect();
    assert_eq!(checkpoints.len() as u64, whole.state().max_steps);
    for checkpoint in checkpoints {
        let other = tempfile::tempdir().unwrap();
        let resumed = trained(TrainingArguments {
            output_dir: other.path().to_owned(),
            resume_from_checkpoint: Some(checkpoint.to_str().unwrap().to_owned()),
            ..args.clone()
        })
        .unwrap();
        assert_eq!(
            weights(&resumed),
            weights(&whole),
            "{compute} from {}",
            checkpoint.display()
        );
        assert_eq!(resumed.state().global_step, whole.state().global_step);
        let last = |trainer: &trainer_core::Trainer| {
            let history = &trainer.state().log_history;
            history
                .iter()
                .rev()
                .find_map(|logs| logs.get_f64("eval_loss"))
        };
        assert_eq!(last(&resumed), last(&whole));
    }
}

#[test]
fn from_every_checkpoint_to_the_same_bytes() {
    let _alone = alone();
    resumes_exactly(|args| args);
}

#[test]
fn with_accumulation_and_a_short_last_window() {
    let _alone = alone();
    resumes_exactly(|args| TrainingArguments {
        gradient_accumulation_steps: 3,
        ..args
    });
}

#[test]
fn in_bf16() {
    let _alone = alone();
    resumes_exactly(|args| TrainingArguments {
        bf16: true,
        bf16_full_eval: true,
        ..args
    });
}

#[test]
fn with_an_evaluation_on_start() {
    let _alone = alone();
    resumes_exactly(|args| TrainingArguments {
        eval_on_start: true,
        ..args
    });
}

#[test]
fn the_last_whole_checkpoint_is_taken_and_a_damaged_one_skipped() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = with_checkpoints(folder.path());
    let whole = trained(args.clone()).unwrap();
    // The last checkpoint loses its tail, as on a disk that was full.
    let damaged = folder.path().join("checkpoint-16/model.safetensors");
    let bytes = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
    let resumed = trained(TrainingArguments {
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    })
    .unwrap();
    assert_eq!(weights(&resumed), weights(&whole));
    assert_eq!(resumed.state().global_step, 16);
}

#[test]
fn a_checkpoint_without_its_optimizer_is_taken_where_it_is_named() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = with_checkpoints(folder.path());
    trained(args.clone()).unwrap();
    let lighter = folder.path().join("checkpoint-16");
    std::fs::remove_file(lighter.join("optimizer.pt")).unwrap();
    let from = |checkpoint: &str| {
        let one_step_more = TrainingArguments {
            resume_from_checkpoint: Some(checkpoint.to_owned()),
            max_steps: 17,
            ..args.clone()
        };
        weights(&trained(one_step_more).unwrap())
    };
    let anew = from(lighter.to_str().unwrap());
    std::fs::remove_dir_all(folder.path().join("checkpoint-17")).unwrap();
    // The last that has everything is another one.
    let exact = from("last");
    let checkpoint_15 = folder.path().join("checkpoint-15");
    assert_eq!(exact, from(checkpoint_15.to_str().unwrap()));
    assert_ne!(exact, anew);
}

#[test]
fn a_complete_run_has_nothing_left_to_train() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = with_checkpoints(folder.path());
    trained(args.clone()).unwrap();
    let mut again = builder(TrainingArguments {
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    })
    .build()
    .unwrap();
    let output = again.train().unwrap();
    assert_eq!((output.global_step, output.training_loss), (16, 0.0));
}

#[test]
fn a_folder_that_is_no_checkpoint_is_refused_by_name() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    for (from, words) in [
        ("bogus", "Can't find a valid checkpoint"),
        ("last", "No valid checkpoint found in output directory"),
    ] {
        let mut trainer = builder(TrainingArguments {
            resume_from_checkpoint: Some(from.to_owned()),
            ..arguments(folder.path())
        })
        .build()
        .unwrap();
        let error = trainer.train().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

//! What a run makes of the checkpoints that it finds in its output folder.

use std::path::Path;

use crate::support::recording::{OnEvent, logged, quick, run_in};
use crate::support::{alone, arguments, builder, weights};
use trainer_core::{
    CallbackContext, EarlyStoppingCallback, Error, Event, IntervalStrategy, SaveStrategy, Trainer,
    TrainerBuilder, TrainingArguments,
};
use trainer_metrics::{EvalPrediction, Metrics};

fn checkpoint(folder: &Path, step: u64) -> String {
    let checkpoint = folder.join(format!("checkpoint-{step}"));
    checkpoint.to_str().unwrap().to_owned()
}

/// A metric `score` that falls as the model learns: it is best at the first evaluation, and a resumed run sees the same values.
fn falls(builder: TrainerBuilder) -> TrainerBuilder {
    builder.compute_metrics(
        |prediction: &EvalPrediction| -> trainer_core::Result<Metrics> {
            let spread: f64 = prediction.logits()?.values().map(f64::abs).sum();
            Ok(Metrics::new().with("score", -spread))
        },
    )
}

fn with_early_stopping(strategy: IntervalStrategy) -> TrainingArguments {
    let save_strategy = match strategy {
        IntervalStrategy::Epoch => SaveStrategy::Epoch,
        _ => SaveStrategy::Steps,
    };
    TrainingArguments {
        num_train_epochs: 6.0,
        eval_strategy: strategy,
        eval_steps: Some(3.0),
        save_strategy,
        save_steps: 3.0,
        load_best_model_at_end: true,
        metric_for_best_model: Some("score".to_owned()),
        greater_is_better: Some(true),
        ..quick()
    }
}

/// What decides when a run stops and which model is the best.
fn decisions(trainer: &Trainer) -> impl PartialEq + std::fmt::Debug + use<> {
    let state = trainer.state();
    (
        logged(trainer, "eval_score"),
        state.best_metric,
        state.best_global_step,
        state.stateful_callbacks.clone(),
    )
}

#[test]
fn early_stopping_resumes_to_the_same_end_from_every_checkpoint() {
    let _alone = alone();
    for strategy in [IntervalStrategy::Epoch, IntervalStrategy::Steps] {
        let folder = tempfile::tempdir().unwrap();
        let args = with_early_stopping(strategy);
        let stopping = |folder: &Path, args: &TrainingArguments| {
            run_in(folder, args, |builder| {
                falls(builder).callback(EarlyStoppingCallback::new(2))
            })
        };
        let whole = stopping(folder.path(), &args);
        let stopped_at = whole.state().global_step;
        assert!(stopped_at < whole.state().max_steps, "it was to stop early");
        let every = if strategy == IntervalStrategy::Epoch {
            4
        } else {
            3
        };
        for step in (every..=stopped_at).step_by(every as usize) {
            let resumed = TrainingArguments {
                resume_from_checkpoint: Some(checkpoint(folder.path(), step)),
                ..args.clone()
            };
            let other = tempfile::tempdir().unwrap();
            let resumed = stopping(other.path(), &resumed);
            assert_eq!(resumed.state().global_step, stopped_at, "from {step}");
            assert_eq!(weights(&resumed), weights(&whole), "from {step}");
            assert_eq!(decisions(&resumed), decisions(&whole), "from {step}");
        }
    }
}

#[test]
fn a_second_training_in_the_same_folder_is_refused_and_the_first_goes_on() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let args = arguments(&path);
    let second = builder(args.clone()).build().unwrap();
    let second = std::sync::Mutex::new(second);
    let mut first = builder(args)
        .callback(OnEvent(
            move |event: Event<'_>, _: &CallbackContext<'_>, control| {
                if matches!(event, Event::StepEnd) {
                    let refused = second.lock().unwrap().train().unwrap_err();
                    assert!(matches!(refused, Error::OutputInUse { .. }));
                    let (shown, process) = (path.display().to_string(), std::process::id());
                    let message = refused.to_string();
                    assert!(message.contains(&shown), "{message}");
                    assert!(
                        message.contains(&format!("process {process} ")),
                        "{message}"
                    );
                }
                Ok(control)
            },
        ))
        .build()
        .unwrap();
    first.train().unwrap();
    first.train().unwrap();
    let hidden = std::fs::read_dir(folder.path()).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with('.')
    });
    assert_eq!(hidden.count(), 0);
}

fn by_steps(folder: &Path, max_steps: i64, learning_rate: f64) -> TrainingArguments {
    TrainingArguments {
        max_steps,
        save_steps: 2.0,
        learning_rate,
        ..arguments(folder)
    }
}

#[test]
fn the_last_checkpoint_is_the_one_written_last_though_an_older_run_has_higher_steps() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let last = || {
        let resumed = TrainingArguments {
            resume_from_checkpoint: Some("last".to_owned()),
            ..by_steps(folder.path(), 1, 1e-3)
        };
        let mut trainer = builder(resumed).build().unwrap();
        trainer.train().unwrap();
        (trainer.state().global_step, weights(&trainer))
    };
    let run = |max_steps, learning_rate| {
        let mut trainer = builder(by_steps(folder.path(), max_steps, learning_rate))
            .build()
            .unwrap();
        trainer.train().unwrap();
        weights(&trainer)
    };
    let older = run(8, 1e-3);
    assert_eq!(last(), (8, older));
    let newer = run(4, 1e-2);
    assert_eq!(last(), (4, newer));
    // A copy has other times; the manifests keep theirs.
    for step in [4, 2, 6, 8] {
        let path = folder.path().join(format!("checkpoint-{step}"));
        std::fs::File::open(path)
            .unwrap()
            .set_modified(std::time::SystemTime::now())
            .unwrap();
    }
    assert_eq!(last().0, 4);
}

#[test]
fn without_manifests_the_highest_step_is_taken_of_those_that_can_be_opened() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut whole = builder(by_steps(folder.path(), 6, 1e-3)).build().unwrap();
    whole.train().unwrap();
    for step in [2, 4, 6] {
        let path = folder
            .path()
            .join(format!("checkpoint-{step}/manifest.json"));
        std::fs::remove_file(path).unwrap();
    }
    let reaches = || {
        let resumed = TrainingArguments {
            resume_from_checkpoint: Some("last".to_owned()),
            ..by_steps(folder.path(), 1, 1e-3)
        };
        let mut trainer = builder(resumed).build().unwrap();
        trainer.train().unwrap();
        trainer.state().global_step
    };
    assert_eq!(reaches(), 6);
    for (step, file) in [(6, "optimizer.pt"), (4, "model.safetensors")] {
        let path = folder.path().join(format!("checkpoint-{step}/{file}"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 10]).unwrap();
        assert_eq!(reaches(), step - 2);
    }
}

#[test]
fn an_edited_configuration_is_taken_and_edited_weights_are_not() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut whole = builder(by_steps(folder.path(), 4, 1e-3)).build().unwrap();
    whole.train().unwrap();
    let resumed = |from: &str| {
        let args = TrainingArguments {
            resume_from_checkpoint: Some(from.to_owned()),
            ..by_steps(folder.path(), 1, 1e-3)
        };
        let mut trainer = builder(args).build().unwrap();
        trainer.train().map(|output| output.global_step)
    };
    let named = checkpoint(folder.path(), 4);
    let edit = |file: &str| {
        let path = Path::new(&named).join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    edit("config.json");
    std::fs::remove_file(Path::new(&named).join("training_args.json")).unwrap();
    assert_eq!(resumed("last").unwrap(), 4);
    assert_eq!(resumed(&named).unwrap(), 4);
    edit("model.safetensors");
    assert_eq!(resumed("last").unwrap(), 2);
    let refused = resumed(&named).unwrap_err().to_string();
    assert!(refused.contains("model.safetensors"), "{refused}");
}

#[test]
fn the_best_model_is_found_in_a_folder_that_was_renamed_and_never_silently_another() {
    let _alone = alone();
    let place = tempfile::tempdir().unwrap();
    let (before, after) = (place.path().join("before"), place.path().join("after"));
    let args = with_early_stopping(IntervalStrategy::Epoch);
    let whole = run_in(&before, &args, falls);
    let best = whole.state().best_global_step.unwrap();
    assert!(
        best < whole.state().max_steps,
        "the best was to be before the end"
    );
    std::fs::rename(&before, &after).unwrap();
    let resumed = TrainingArguments {
        output_dir: after.clone(),
        resume_from_checkpoint: Some("last".to_owned()),
        ..args
    };
    let again = run_in(&after, &resumed, falls);
    assert_eq!(weights(&again), weights(&whole));
    let named = checkpoint(&after.canonicalize().unwrap(), best);
    assert_eq!(again.state().best_model_checkpoint, Some(named.clone()));

    std::fs::remove_dir_all(&named).unwrap();
    let mut again = falls(builder(resumed)).build().unwrap();
    let error = again.train().unwrap_err().to_string();
    assert!(error.contains(&format!("checkpoint-{best}")), "{error}");
}

#[test]
fn the_arguments_that_a_run_leaves_repeat_it() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = with_early_stopping(IntervalStrategy::Epoch);
    let trainer = run_in(folder.path(), &args, falls);
    trainer.save_model().unwrap();
    for file in ["training_args.json", "checkpoint-4/training_args.json"] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        let read = TrainingArguments::from_json_str(&text).unwrap();
        assert_eq!([read.do_train, read.do_eval, read.do_predict], [false; 3]);
        assert_eq!(read.to_dict(), trainer.args().to_dict());
    }
}

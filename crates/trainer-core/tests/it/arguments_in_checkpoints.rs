//! What arguments do to checkpoints: which are written, what is in them, how a run goes on from them.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::recording::{OnEvent, Rows, logged, quick, run, run_in};
use crate::support::{alone, dataset, weights};
use trainer_core::{
    Answer, Callback, CallbackContext, EarlyStoppingCallback, Event, IntervalStrategy, Logs,
    SaveStrategy, TokenCount, Trainer, TrainerBuilder, TrainerControl, TrainerState,
    TrainingArguments,
};
use trainer_data::BoxError;
use trainer_metrics::{EvalPrediction, Metrics};

/// Steps of the checkpoints in `folder`, in order.
fn checkpoints(folder: &Path) -> Vec<u64> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut steps: Vec<_> = names
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_prefix("checkpoint-")?.parse().ok()
        })
        .collect();
    steps.sort_unstable();
    steps
}

fn from(folder: &Path, step: u64) -> Option<String> {
    let checkpoint = folder.join(format!("checkpoint-{step}"));
    Some(checkpoint.to_str().unwrap().to_owned())
}

/// A metric `score` with these values, one an evaluation.
fn scores(values: &'static [f64]) -> impl FnOnce(TrainerBuilder) -> TrainerBuilder {
    let values = Mutex::new(values.iter());
    move |builder| {
        builder.compute_metrics(move |_: &EvalPrediction| -> trainer_core::Result<Metrics> {
            let score = values.lock().unwrap().next().unwrap();
            Ok(Metrics::new().with("score", *score))
        })
    }
}

fn best_by_score() -> TrainingArguments {
    TrainingArguments {
        num_train_epochs: 5.0,
        eval_strategy: IntervalStrategy::Epoch,
        save_strategy: SaveStrategy::Best,
        metric_for_best_model: Some("score".to_owned()),
        ..quick()
    }
}

#[test]
fn save_strategy_best_saves_only_what_is_better_than_all_before() {
    let _alone = alone();
    // Five epochs of four steps.
    const SCORES: &[f64] = &[0.4, 0.5, 0.3, 0.5, 0.2];
    for (greater_is_better, expected, best) in [
        (None, vec![4, 8], 0.5),
        (Some(true), vec![4, 8], 0.5),
        (Some(false), vec![4, 12, 20], 0.2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            greater_is_better,
            ..best_by_score()
        };
        let trainer = run_in(folder.path(), &args, scores(SCORES));
        assert_eq!(checkpoints(folder.path()), expected);
        let state = trainer.state();
        assert_eq!(state.best_metric, Some(best));
        assert_eq!(state.best_global_step, expected.last().copied());
        for step in expected {
            let saved = Path::new(&from(folder.path(), step).unwrap()).join("trainer_state.json");
            let saved = TrainerState::load_from_json(&saved).unwrap();
            assert_eq!(saved.best_global_step, Some(step));
            assert_eq!(saved.best_model_checkpoint, from(folder.path(), step));
        }
    }
}

#[test]
fn save_strategy_best_gives_the_best_weights_back_at_the_end() {
    let _alone = alone();
    const SCORES: &[f64] = &[0.4, 0.5, 0.3, 0.5, 0.2];
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        load_best_model_at_end: true,
        ..best_by_score()
    };
    let trainer = run_in(folder.path(), &args, scores(SCORES));
    // Learning rates depend on the length of the run alone, so the same run stopped after the second epoch has them.
    let second = run(&best_by_score(), |builder| {
        let stop = |_: Event<'_>, cx: &CallbackContext<'_>, mut control: TrainerControl| {
            control.should_training_stop |= cx.state.global_step >= 8;
            Ok(control)
        };
        scores(SCORES)(builder).callback(OnEvent(stop))
    });
    assert_eq!(weights(&trainer), weights(&second));
}

/// Ten rows in batches of 4: three steps an epoch, a checkpoint and a log at each.
fn three_steps_an_epoch() -> TrainingArguments {
    TrainingArguments {
        per_device_train_batch_size: 4,
        save_strategy: SaveStrategy::Steps,
        save_steps: 1.0,
        logging_steps: 1.0,
        ..quick()
    }
}

/// Trains on ten rows in `folder` and gives back the rows of each step.
fn train_on_ten(folder: &Path, args: &TrainingArguments) -> (Trainer, Vec<Vec<i64>>) {
    let rows = Rows::default();
    let trainer = run_in(folder, args, |builder| {
        let builder = builder.train_dataset(dataset(10));
        builder.compute_loss_func(rows.noting())
    });
    (trainer, rows.seen())
}

/// Learning rates that were logged, in millionths.
fn learning_rates(trainer: &Trainer) -> Vec<u64> {
    let rates = logged(trainer, "learning_rate").into_iter();
    rates.map(|(_, rate)| (rate * 1e6).round() as u64).collect()
}

#[test]
fn save_only_model_keeps_the_position_and_starts_the_schedule_anew() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        save_only_model: true,
        ..three_steps_an_epoch()
    };
    let (whole, rows) = train_on_ten(folder.path(), &args);
    assert_eq!(learning_rates(&whole), [1000, 833, 667, 500, 333, 167]);
    let second = folder.path().join("checkpoint-2");
    let files = ["model.safetensors", "config.json", "trainer_state.json"];
    assert!(files.iter().all(|file| second.join(file).is_file()));
    let left_out = ["optimizer.pt", "scheduler.pt", "rng_state.pth"];
    assert!(!left_out.iter().any(|file| second.join(file).exists()));

    let resumed = TrainingArguments {
        resume_from_checkpoint: from(folder.path(), 2),
        ..args.clone()
    };
    let other = tempfile::tempdir().unwrap();
    let (resumed, rest) = train_on_ten(other.path(), &resumed);
    assert_eq!(rest, rows[2..]);
    // Two logged before, and four from the start of the schedule on.
    assert_eq!(learning_rates(&resumed), [1000, 833, 1000, 833, 667, 500]);
    assert_ne!(weights(&resumed), weights(&whole));

    let one_more = TrainingArguments {
        resume_from_checkpoint: Some("last".to_owned()),
        max_steps: 7,
        ..args
    };
    let (longer, rest) = train_on_ten(folder.path(), &one_more);
    assert_eq!((longer.state().global_step, rest.len()), (7, 1));
    assert_eq!(learning_rates(&longer)[6..], [1000]);
}

#[test]
fn ignore_data_skip_begins_the_epoch_again() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = three_steps_an_epoch();
    let (whole, rows) = train_on_ten(folder.path(), &args);
    let resume = |step, ignore_data_skip| {
        let args = TrainingArguments {
            resume_from_checkpoint: from(folder.path(), step),
            ignore_data_skip,
            ..args.clone()
        };
        train_on_ten(tempfile::tempdir().unwrap().path(), &args)
    };
    let (skipping, rest) = resume(2, false);
    assert_eq!(rest, rows[2..]);
    assert_eq!(weights(&skipping), weights(&whole));

    // The first epoch whole, and of the second what is left of six steps.
    let (again, rest) = resume(2, true);
    assert_eq!(rest, rows[..4]);
    let epochs: Vec<_> = logged(&again, "epoch")
        .iter()
        .map(|(_, epoch)| (epoch * 3.0).round() as u64)
        .collect();
    assert_eq!(epochs, [1, 2, 1, 2, 3, 4, 4]);
    assert_eq!(learning_rates(&again), learning_rates(&whole));
    assert_ne!(weights(&again), weights(&whole));

    // At the start of an epoch there is nothing to skip.
    let (second_epoch, rest) = resume(3, true);
    assert_eq!(rest, rows[3..]);
    assert_eq!(weights(&second_epoch), weights(&whole));
}

/// Counts steps, in a state of its own.
struct Counter(Arc<AtomicU64>);

impl Callback for Counter {
    fn on_event(
        &mut self,
        event: Event<'_>,
        _: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer {
        if matches!(event, Event::StepEnd) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(control)
    }

    fn state(&self) -> Option<trainer_core::serde_json::Value> {
        let count = self.0.load(Ordering::Relaxed);
        Some(trainer_core::serde_json::json!({"args": {}, "attributes": {"count": count}}))
    }

    fn load_state(&mut self, state: &trainer_core::serde_json::Value) -> Result<(), BoxError> {
        let count = state["attributes"]["count"].as_u64().ok_or("no count")?;
        self.0.store(count, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn states_of_callbacks_are_restored_in_order() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = three_steps_an_epoch();
    // Two of a kind, the second of which starts at 100.
    let counted = |folder: &Path, args: &TrainingArguments| {
        let counts = [0, 100].map(|count| Arc::new(AtomicU64::new(count)));
        run_in(folder, args, |builder| {
            let builder = builder.train_dataset(dataset(10));
            let builder = builder.callback(Counter(Arc::clone(&counts[0])));
            builder.callback(Counter(Arc::clone(&counts[1])))
        });
        counts.map(|count| count.load(Ordering::Relaxed))
    };
    assert_eq!(counted(folder.path(), &args), [6, 106]);
    let resumed = |restore_callback_states_from_checkpoint| {
        let args = TrainingArguments {
            resume_from_checkpoint: from(folder.path(), 4),
            restore_callback_states_from_checkpoint,
            ..args.clone()
        };
        counted(tempfile::tempdir().unwrap().path(), &args)
    };
    assert_eq!(resumed(false), [6, 106]);
    assert_eq!(resumed(true), [6, 106]);
}

#[test]
fn a_restored_early_stopping_has_its_count_and_where_asked_for_its_patience() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        num_train_epochs: 6.0,
        save_strategy: SaveStrategy::Epoch,
        ..best_by_score()
    };
    // Never better than the first; epochs have four steps.
    const SCORES: &[f64] = &[0.5; 6];
    let stopped = |folder: &Path, args: &TrainingArguments, patience| {
        let trainer = run_in(folder, args, |builder| {
            scores(SCORES)(builder).callback(EarlyStoppingCallback::new(patience))
        });
        trainer.state().global_step
    };
    assert_eq!(stopped(folder.path(), &args, 2), 12);
    let resumed = |patience, restore_callback_states_from_checkpoint| {
        let args = TrainingArguments {
            resume_from_checkpoint: from(folder.path(), 8),
            restore_callback_states_from_checkpoint,
            ..args.clone()
        };
        stopped(tempfile::tempdir().unwrap().path(), &args, patience)
    };
    // At step 8 one evaluation was no better: one more is needed, and with a patience of 10 more than there are.
    assert_eq!(resumed(2, false), 12);
    assert_eq!(resumed(10, false), 24);
    assert_eq!(resumed(10, true), 12);
}

#[test]
fn the_count_of_tokens_goes_on_and_their_speed_is_that_of_this_call() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        include_num_input_tokens_seen: TokenCount::All,
        ..three_steps_an_epoch()
    };
    train_on_ten(folder.path(), &args);
    let resumed = TrainingArguments {
        resume_from_checkpoint: from(folder.path(), 3),
        ..args
    };
    let (resumed, _) = train_on_ten(tempfile::tempdir().unwrap().path(), &resumed);
    // Six tokens a row, 4, 4 and 2 rows, twice; the last entry is that of the whole run.
    let tokens = [4, 8, 10, 14, 18, 20, 20].map(|rows| f64::from(rows * 6));
    let seen: Vec<_> = logged(&resumed, "num_input_tokens_seen")
        .into_iter()
        .map(|(_, tokens)| tokens)
        .collect();
    assert_eq!(seen, tokens);
    let of_this_call = |logs: &Logs| {
        let runtime = logs.get_f64("train_runtime")?;
        Some((logs.get_f64("train_tokens_per_second")? * runtime, runtime))
    };
    let history = resumed.state().log_history.iter();
    let speeds: Vec<_> = history.filter_map(of_this_call).skip(3).collect();
    assert_eq!(speeds.len(), 3);
    for ((found, runtime), tokens) in speeds.into_iter().zip([24.0, 48.0, 60.0]) {
        // The time is rounded to a ten thousandth of a second.
        let rounding = tokens * 6e-5 / runtime;
        assert!((found - tokens).abs() <= rounding, "{found} and {tokens}");
    }
}

//! What arguments do to logs and evaluations.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::recording::{Rows, logged, losses, quick, run, steps_of};
use crate::support::{alone, builder, dataset};
use trainer_core::{IntervalStrategy, TokenCount, TrainingArguments};
use trainer_data::{Column, Columns, Dataset};
use trainer_metrics::{EvalPrediction, Metrics};

// In the runs of this file 30 rows in batches of 8 are 4 steps an epoch, and there are 2 epochs, unless a test says
// otherwise.
const EIGHT: &[f32] = &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];

#[test]
fn eval_delay_counts_steps_or_epochs_and_holds_at_the_end_too() {
    let _alone = alone();
    let evaluations = |eval_strategy, eval_delay| {
        let args = TrainingArguments {
            num_train_epochs: 3.0,
            eval_strategy,
            eval_steps: Some(5.0),
            eval_delay,
            ..quick()
        };
        steps_of(&run(&args, |builder| builder), "eval_loss")
    };
    let (steps, epoch) = (IntervalStrategy::Steps, IntervalStrategy::Epoch);
    assert_eq!(evaluations(steps, 0.0), [5, 10, 12]);
    assert_eq!(evaluations(steps, 5.0), [5, 10, 12]);
    assert_eq!(evaluations(steps, 6.0), [10, 12]);
    assert!(evaluations(steps, 13.0).is_empty());
    assert_eq!(evaluations(epoch, 1.0), [4, 8, 12]);
    assert_eq!(evaluations(epoch, 1.5), [8, 12]);
    assert!(evaluations(epoch, 4.0).is_empty());
}

#[test]
fn logs_are_means_of_the_steps_since_the_last() {
    let _alone = alone();
    let logs = |logging_strategy, logging_first_step| {
        let args = TrainingArguments {
            logging_strategy,
            logging_first_step,
            ..quick()
        };
        let trainer = run(&args, |builder| builder.compute_loss_func(losses(EIGHT)));
        logged(&trainer, "loss")
    };
    let (steps, epoch) = (IntervalStrategy::Steps, IntervalStrategy::Epoch);
    assert_eq!(logs(steps, false), [(3, 2.0), (6, 5.0)]);
    assert_eq!(logs(steps, true), [(1, 1.0), (3, 2.5), (6, 5.0)]);
    assert_eq!(logs(epoch, false), [(4, 2.5), (8, 6.5)]);
    assert_eq!(logs(epoch, true), [(1, 1.0), (4, 3.0), (8, 6.5)]);
    assert_eq!(logs(IntervalStrategy::No, true), [(1, 1.0)]);
    assert_eq!(logs(IntervalStrategy::No, false), []);
}

/// Losses of which the fourth is no finite number: those logged every second step, and the mean of all.
fn fourth_not_finite(losses_of_steps: &'static [f32], filter: bool) -> (Vec<f64>, f64) {
    let args = TrainingArguments {
        logging_steps: 2.0,
        logging_nan_inf_filter: filter,
        ..quick()
    };
    let trainer = run(&args, |builder| {
        builder.compute_loss_func(losses(losses_of_steps))
    });
    let logs = logged(&trainer, "loss");
    let (_, all) = logged(&trainer, "train_loss")[0];
    (logs.into_iter().map(|(_, loss)| loss).collect(), all)
}

#[test]
fn a_loss_that_is_not_finite_counts_as_the_mean_before_it_or_spoils_its_log() {
    let _alone = alone();
    const NAN: &[f32] = &[1.0, 2.0, 3.0, f32::NAN, 5.0, 6.0, 7.0, 8.0];
    const INFINITE: &[f32] = &[1.0, 2.0, 3.0, f32::INFINITY, 5.0, 6.0, 7.0, 8.0];
    for values in [NAN, INFINITE] {
        // The third loss since the last log, over the two steps that there are with the fourth.
        let as_mean = (3.0 + 3.0 / 2.0) / 2.0;
        let (logs, all) = fourth_not_finite(values, true);
        assert_eq!(logs, [1.5, as_mean, 5.5, 7.5]);
        assert_eq!(all, (1.5 + as_mean + 5.5 + 7.5) / 4.0);
    }
    let (logs, all) = fourth_not_finite(NAN, false);
    assert!(logs[1].is_nan() && all.is_nan());
    assert_eq!([logs[0], logs[2], logs[3]], [1.5, 5.5, 7.5]);
    let (logs, all) = fourth_not_finite(INFINITE, false);
    assert_eq!(logs, [1.5, f64::INFINITY, 5.5, 7.5]);
    assert_eq!(all, f64::INFINITY);
}

#[test]
fn an_evaluation_leaves_out_batches_that_are_not_finite_if_others_are() {
    let _alone = alone();
    let eval_loss = |values, filter| {
        let folder = tempfile::tempdir().unwrap();
        let args = TrainingArguments {
            output_dir: folder.path().to_owned(),
            per_device_eval_batch_size: 4,
            logging_nan_inf_filter: filter,
            ..quick()
        };
        let mut trainer = builder(args)
            .compute_loss_func(losses(values))
            .build()
            .unwrap();
        trainer.evaluate().unwrap().get_f64("eval_loss").unwrap()
    };
    // 11 rows: batches of 4, 4 and 3.
    let second = &[1.0, f32::NAN, 8.0];
    assert_eq!(eval_loss(second, true), (4.0 + 3.0 * 8.0) / 7.0);
    assert!(eval_loss(second, false).is_nan());
    assert!(eval_loss(&[f32::NAN; 3], true).is_nan());
}

/// 30 rows of six tokens of which 1 to 6 count, by the row's number.
fn padded() -> Dataset {
    dataset(30)
        .map(|rows: &trainer_data::Rows<'_>| {
            let idx = rows.column("idx")?;
            let masks = (0..rows.len())
                .map(|row| {
                    let counted = idx.int(row)? % 6;
                    Ok((0..6).map(|at| i64::from(at <= counted)).collect())
                })
                .collect::<Result<Vec<Vec<i64>>, trainer_data::Error>>()?;
            Ok(Columns::new().with("attention_mask", Column::int_lists(masks)))
        })
        .unwrap()
}

#[test]
fn input_tokens_are_counted_all_or_those_that_are_no_padding() {
    let _alone = alone();
    let counted = |include_num_input_tokens_seen| {
        let rows = Rows::default();
        let args = TrainingArguments {
            include_num_input_tokens_seen,
            ..quick()
        };
        let trainer = run(&args, |builder| {
            let builder = builder.train_dataset(padded());
            builder.compute_loss_func(rows.noting())
        });
        (trainer, rows.seen())
    };
    let (trainer, _) = counted(TokenCount::No);
    assert_eq!(logged(&trainer, "num_input_tokens_seen"), []);
    assert_eq!(logged(&trainer, "train_tokens_per_second"), []);

    // The last batch of an epoch has 6 rows; the last entry is that of the whole run.
    let (trainer, _) = counted(TokenCount::All);
    let all = [(3, 24.0), (6, 46.0), (8, 60.0)].map(|(step, rows)| (step, 6.0 * rows));
    assert_eq!(logged(&trainer, "num_input_tokens_seen"), all);
    assert_eq!(steps_of(&trainer, "train_tokens_per_second"), [3, 6]);
    assert_eq!(trainer.state().num_input_tokens_seen, 360);

    let (trainer, rows) = counted(TokenCount::NonPadding);
    let of_rows = |batches: &[Vec<i64>]| -> f64 {
        let rows = batches.iter().flatten();
        rows.map(|row| (row % 6 + 1) as f64).sum()
    };
    let counts = [3, 6, 8].map(|step| (step as u64, of_rows(&rows[..step])));
    assert_eq!(logged(&trainer, "num_input_tokens_seen"), counts);
    // Twice five rows of each length.
    assert_eq!(trainer.state().num_input_tokens_seen, 2 * 5 * 21);
}

#[test]
fn evaluations_name_the_tokens_of_training_and_add_none() {
    let _alone = alone();
    let args = TrainingArguments {
        include_num_input_tokens_seen: TokenCount::All,
        eval_strategy: IntervalStrategy::Epoch,
        ..quick()
    };
    let trainer = run(&args, |builder| builder);
    let of_epochs = [180, 360].map(|tokens| tokens as f64);
    let history = &trainer.state().log_history;
    let tokens: Vec<_> = history
        .iter()
        .filter(|logs| logs.get("eval_loss").is_some())
        .filter_map(|logs| logs.get_f64("num_input_tokens_seen"))
        .collect();
    assert_eq!(tokens, of_epochs);
}

#[test]
fn prediction_loss_only_leaves_evaluations_the_loss() {
    let _alone = alone();
    let calls = Arc::new(AtomicUsize::new(0));
    let evaluate = |prediction_loss_only| {
        let folder = tempfile::tempdir().unwrap();
        let calls = Arc::clone(&calls);
        let args = TrainingArguments {
            output_dir: folder.path().to_owned(),
            prediction_loss_only,
            ..quick()
        };
        let mut trainer = builder(args)
            .compute_metrics(move |_: &EvalPrediction| -> trainer_core::Result<Metrics> {
                calls.fetch_add(1, Ordering::Relaxed);
                Ok(Metrics::new().with("score", 0.5))
            })
            .build()
            .unwrap();
        let metrics = trainer.evaluate().unwrap();
        (metrics.get_f64("eval_loss"), metrics.get_f64("eval_score"))
    };
    let (loss, none) = evaluate(true);
    assert_eq!((none, calls.load(Ordering::Relaxed)), (None, 0));
    assert!(loss.is_some());
    assert_eq!(evaluate(false), (loss, Some(0.5)));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

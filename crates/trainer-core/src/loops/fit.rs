use trainer_data::warning;

use super::after_evaluation::after_evaluation;
use super::epoch_batches::EpochBatches;
use super::evaluate::evaluate_all;
use super::step::optimizer_step;
use crate::batch_source::BatchSource;
use crate::callbacks::Event;
use crate::checkpoint::{load_best_model, remove_all_but_best, save_checkpoint};
use crate::engine::Engine;
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::plan::TrainingPlan;
use crate::profile::Phase;
use crate::run::Run;
use crate::stream_position::StreamPosition;
use crate::{IntervalStrategy, Logs, Result, TrainOutput, report};

/// The training loop, from `TrainBegin` until the last epoch ends or a callback stops it.
pub(crate) fn fit(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
    run: &mut Run,
    source: &BatchSource,
) -> Result<()> {
    let epoch_end_is_due = epoch_end_is_due(journal, run);
    journal.call(Event::TrainBegin)?;
    if journal.args.eval_on_start {
        evaluate_all(engine, inputs, journal)?;
    }
    if epoch_end_is_due {
        run.restore_rng()?;
        journal.call(Event::EpochEnd)?;
        log_save_evaluate(engine, inputs, journal, run)?;
    }
    if journal.state.global_step >= run.plan.max_steps || stops(journal) {
        return Ok(());
    }
    let (first_epoch, mut skip) = begin(journal, run, source)?;
    for epoch in first_epoch..run.plan.num_train_epochs {
        journal.call(Event::EpochBegin)?;
        let skip = std::mem::take(&mut skip);
        let done = fit_epoch(engine, inputs, journal, run, (source, epoch, skip))?;
        if done == 0 {
            warning!(
                "There seems not to be a single sample in your epoch_iterator, stopping training at step {}! This is expected if \
                 you're using an IterableDataset and set num_steps ({}) higher than the number of available samples.",
                journal.state.global_step,
                run.plan.max_steps
            );
            journal.callbacks.control.should_training_stop = true;
        }
        journal.call(Event::EpochEnd)?;
        log_save_evaluate(engine, inputs, journal, run)?;
        if stops(journal) {
            break;
        }
    }
    Ok(())
}

/// The first epoch, and how many of its batches were trained on before. Of a stream, `run` says where it stands then.
fn begin(journal: &Journal, run: &mut Run, source: &BatchSource) -> Result<(u64, usize)> {
    let skip = batches_to_skip(journal, &run.plan);
    let BatchSource::Stream(loader) = source else {
        // The checkpoint may be of another kind of set.
        run.position = None;
        return Ok((journal.state.global_step / run.plan.updates_per_epoch, skip));
    };
    let position = match run.position.take() {
        Some(position) if journal.args.ignore_data_skip => {
            StreamPosition::new(position.epoch, 0, None)
        }
        Some(position) => position,
        None => {
            if skip > 0 {
                warning!(
                    "the checkpoint does not say where its stream stood, as Python's do not: {skip} batches are read and passed over"
                );
            }
            StreamPosition::after(loader, skip)?
        }
    };
    let begin = (position.epoch, position.batches);
    run.position = Some(position);
    Ok(begin)
}

/// One epoch, from the batch after the first `skip` ones, until its end or until a callback stops it. Gives how many of its batches were
/// trained on.
fn fit_epoch(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
    run: &mut Run,
    (source, epoch, skip): (&BatchSource, u64, usize),
) -> Result<usize> {
    // The generators of a run that resumes at an epoch's start are restored before its loader draws a seed, those of one that
    // resumes inside an epoch after: the seed was drawn before the checkpoint was written.
    if skip == 0 {
        run.restore_rng()?;
    }
    trainer_torch::rng::draw_base_seed()?;
    run.before_order(skip > 0)?;
    let batches = source.from(epoch, skip, run.position.as_ref())?;
    let mut batches = EpochBatches::new(batches, run)?;
    let mut done = skip;
    loop {
        run.profile.enter(Phase::Data);
        let window = batches.window(run)?;
        run.profile.enter(Phase::Other);
        run.restore_rng()?;
        if window.is_empty() {
            end_of_stream(run, epoch);
            return Ok(done);
        }
        done += window.len();
        optimizer_step(engine, journal, run, window, (epoch, done))?;
        if let Some(state) = batches.stream_state() {
            run.position = Some(StreamPosition::new(epoch, done, Some(state)));
        }
        log_save_evaluate(engine, inputs, journal, run)?;
        if journal.callbacks.control.should_epoch_stop || stops(journal) {
            if !stops(journal) {
                end_of_stream(run, epoch);
            }
            return Ok(done);
        }
    }
}

/// A stream that is trained on goes on in the next epoch.
fn end_of_stream(run: &mut Run, epoch: u64) {
    if run.position.is_some() {
        run.position = Some(StreamPosition::new(epoch + 1, 0, None));
    }
}

/// Performs what the callbacks asked for.
fn log_save_evaluate(
    engine: &mut Engine,
    inputs: &Inputs,
    journal: &mut Journal,
    run: &mut Run,
) -> Result<()> {
    if journal.callbacks.control.should_log && run.loss.has_news(journal.state.global_step) {
        journal.log_training(run)?;
    }
    if journal.callbacks.control.should_evaluate {
        let metrics = evaluate_all(engine, inputs, journal)?;
        after_evaluation(journal, run, &metrics)?;
    }
    if journal.callbacks.control.should_save {
        save_checkpoint(engine, journal, run)?;
        journal.call(Event::Save)?;
    }
    Ok(())
}

fn stops(journal: &Journal) -> bool {
    journal.callbacks.control.should_training_stop
}

/// Whether the run resumed from a checkpoint that was written after the last step of an epoch, or of all, but before the
/// evaluation that follows there: it is made up for, so that the run goes on as if it had not been interrupted.
#[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
fn epoch_end_is_due(journal: &Journal, run: &Run) -> bool {
    let (args, state) = (&journal.args, &journal.state);
    let step = state.global_step;
    let at_an_end = step.is_multiple_of(run.plan.updates_per_epoch) || step >= run.plan.max_steps;
    let evaluated = |logs: &Logs| {
        logs.get_f64("step") == Some(step as f64)
            && logs.names().any(|name| name.starts_with("eval_"))
    };
    run.first_step > 0
        && at_an_end
        && args.eval_strategy == IntervalStrategy::Epoch
        && args.eval_delay <= state.epoch
        && !state.log_history.iter().any(evaluated)
}

/// Batches of the current epoch that were trained on before.
fn batches_to_skip(journal: &Journal, plan: &TrainingPlan) -> usize {
    if journal.args.ignore_data_skip {
        return 0;
    }
    let updates = journal.state.global_step % plan.updates_per_epoch;
    usize::try_from(updates).unwrap_or(0) * plan.gradient_accumulation_steps
}

/// Logs what the run took, puts the best model in place and tells of the end.
#[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
pub(crate) fn finish(engine: &Engine, journal: &mut Journal, mut run: Run) -> Result<TrainOutput> {
    let steps = journal.state.global_step - run.first_step;
    let training_loss = run.loss.total()? / (steps as f64).max(0.001);
    let samples =
        run.plan.num_train_samples(&journal.args) * steps as f64 / run.plan.max_steps.max(1) as f64;
    let seconds = run.start.elapsed().as_secs_f64();
    let mut metrics = report::speed_metrics("train", seconds, Some(samples), Some(steps as f64));
    journal.state.total_flos += std::mem::take(&mut run.flos);
    metrics.insert("total_flos", journal.state.total_flos);
    metrics.insert("train_loss", training_loss);
    journal.log(&mut metrics)?;
    run.profile.log();
    if journal.args.load_best_model_at_end {
        load_best_model(engine, journal)?;
    }
    if journal.args.save_total_limit == Some(1) {
        remove_all_but_best(journal)?;
    }
    journal.call(Event::TrainEnd)?;
    if steps == 0 && journal.state.global_step >= run.plan.max_steps {
        warning!("no step was left to train: the run was complete");
    }
    Ok(TrainOutput {
        global_step: journal.state.global_step,
        training_loss,
        metrics,
    })
}

use trainer_collate::Batch;
use trainer_models::Mode;

use super::tokens::Tokens;
use crate::callbacks::Event;
use crate::engine::{Engine, Work};
use crate::journal::Journal;
use crate::loss::LossShare;
use crate::optimizer::clip_grad_norm_;
use crate::profile::Phase;
use crate::run::Run;
use crate::{Error, OptimizerNames, Result};

/// One optimizer step over a window of batches, from `StepBegin` to `StepEnd`. `done` counts the batches of the epoch, this
/// window included.
pub(super) fn optimizer_step(
    engine: &Engine,
    journal: &mut Journal,
    run: &mut Run,
    window: Vec<Batch>,
    (epoch, done): (u64, usize),
) -> Result<()> {
    journal.call(Event::StepBegin)?;
    run.profile.enter(Phase::Prepare);
    let mut works = Vec::with_capacity(window.len());
    for batch in window {
        let tokens = Tokens::count(engine, journal, &batch)?;
        works.push((engine.prepare_for_loss(batch)?, tokens));
    }
    let items: Vec<i64> = works.iter().map(|(work, _)| work.items).collect();
    let shares = LossShare::of_step(&items, engine.criterion.weights_means());
    let last = works.len() - 1;
    for (at, ((work, tokens), share)) in works.into_iter().zip(shares).enumerate() {
        tokens.add_to(journal, run);
        training_step(engine, journal, run, &work, share)?;
        if at < last {
            journal.call(Event::SubstepEnd)?;
            let control = journal.callbacks.control;
            if control.should_epoch_stop || control.should_training_stop {
                return Ok(run.optimizer.zero_grad()?);
            }
        }
    }
    // In the order of the model, as in Python: it decides the last bits of the norm.
    let weights = || engine.model.parameters().iter().map(|entry| &entry.tensor);
    run.profile.enter(Phase::Clip);
    if let Some(scaler) = &mut run.scaler {
        scaler.unscale_(weights())?;
    }
    let limit = journal.args.max_grad_norm;
    let limit = if limit > 0.0 { limit } else { f64::INFINITY };
    run.grad_norm = Some(clip_grad_norm_(weights(), limit)?);
    run.profile.enter(Phase::Other);
    journal.call(Event::PreOptimizerStep)?;
    run.profile.enter(Phase::Optimizer);
    let counts = step_unless_overflown(journal, run)?;
    run.profile.enter(Phase::Other);
    journal.call(Event::OptimizerStep)?;
    run.profile.enter(Phase::Optimizer);
    let first = run.optimizer.param_groups().first();
    run.learning_rate = first.map_or(0.0, |group| group.lr);
    if counts && !run.schedule.follows_metric() {
        run.schedule.step(run.optimizer.param_groups_mut())?;
    }
    run.optimizer.zero_grad()?;
    run.profile.enter(Phase::Other);
    journal.state.global_step += 1;
    #[expect(
        clippy::cast_precision_loss,
        reason = "epochs and batches stay below 2^53"
    )]
    let epochs = epoch as f64 + done as f64 / run.plan.batches_per_epoch as f64;
    journal.state.epoch = epochs;
    journal.call(Event::StepEnd)
}

/// Changes the weights, and gives whether the step counts for the schedule. Where the gradients of scaled losses have overflown the
/// weights stay as they are; as in Python the schedule goes on then with the fused optimizer alone, which is called and does
/// nothing there.
fn step_unless_overflown(journal: &Journal, run: &mut Run) -> Result<bool> {
    let Some(scaler) = &mut run.scaler else {
        run.optimizer.step()?;
        return Ok(true);
    };
    let overflown = scaler.found_inf()?;
    if !overflown {
        run.optimizer.step()?;
    }
    scaler.update()?;
    Ok(!overflown || journal.args.optim == OptimizerNames::AdamwTorchFused)
}

/// Forward and backward of one batch; its share of the loss joins the running loss.
fn training_step(
    engine: &Engine,
    journal: &Journal,
    run: &mut Run,
    work: &Work,
    share: LossShare,
) -> Result<()> {
    run.profile.enter(Phase::Forward);
    let (output, for_criterion) = engine.forward(work, Mode::Train)?;
    let loss = engine.criterion.loss(&output, &for_criterion, share)?;
    let loss = loss.ok_or_else(|| Error::NoLoss(work.names.join(", ")))?;
    run.profile.enter(Phase::Backward);
    match &run.scaler {
        Some(scaler) => scaler.scale(&loss)?.f_backward()?,
        None => loss.f_backward()?,
    }
    run.profile.enter(Phase::Other);
    if share.is_nothing() {
        return Ok(());
    }
    let filter = journal.args.logging_nan_inf_filter;
    run.loss.add(&loss, journal.state.global_step, filter)
}

use std::path::{Path, PathBuf};

use tracing::info;
use trainer_data::warning;
use trainer_torch::pickle;
use trainer_torch::rng_state::RngState;

use super::{
    OPTIMIZER, RNG_STATE, SCALER, SCHEDULER, TRAINER_STATE, find_best, last_whole_checkpoint,
    verify_weights,
};
use crate::engine::Engine;
use crate::journal::Journal;
use crate::loss::RunningLoss;
use crate::plan::TrainingPlan;
use crate::run::Run;
use crate::stream_position::StreamPosition;
use crate::{Error, Result, TrainerState};

/// The folder to go on from: none, a given one, or the newest whole one in the output folder.
pub(crate) fn checkpoint_to_resume(journal: &Journal) -> Result<Option<PathBuf>> {
    match journal.args.resume_from_checkpoint.as_deref() {
        None | Some("false" | "False") => Ok(None),
        Some("last" | "true" | "True") => last_whole_checkpoint(&journal.output_dir()).map(Some),
        Some(path) => {
            let path = PathBuf::from(path);
            if !path.join(TRAINER_STATE).is_file() {
                let reason =
                    format!("Can't find a valid checkpoint there: it has no {TRAINER_STATE}");
                return Err(Error::checkpoint(&path, reason));
            }
            verify_weights(&path)?;
            Ok(Some(path))
        }
    }
}

/// Takes weights, state, optimizer, schedule and generators back from a checkpoint, written here or by Python.
pub(crate) fn resume(
    engine: &Engine,
    journal: &mut Journal,
    run: &mut Run,
    checkpoint: &Path,
) -> Result<()> {
    info!("resuming from {}", checkpoint.display());
    engine.model.load_weights(checkpoint)?;
    let saved = TrainerState::load_from_json(&checkpoint.join(TRAINER_STATE))?;
    adopt_state(journal, saved, &run.plan);
    find_best_again(journal, checkpoint);
    let optimizer = checkpoint.join(OPTIMIZER);
    let scheduler = checkpoint.join(SCHEDULER);
    if optimizer.is_file() && scheduler.is_file() {
        run.optimizer.load_state_dict(&pickle::load(&optimizer)?)?;
        let state = pickle::load(&scheduler)?;
        let groups = run.optimizer.param_groups_mut();
        run.schedule.load_state_dict(&state, groups)?;
    } else {
        warning!(
            "{} has no optimizer and schedule: they start anew",
            checkpoint.display()
        );
    }
    if let Some(scaler) = &mut run.scaler {
        let path = checkpoint.join(SCALER);
        match path.is_file() {
            true => scaler
                .load_state_dict(&pickle::load(&path)?)
                .map_err(|error| Error::checkpoint(checkpoint, format!("{SCALER}: {error}")))?,
            false => warning!(
                "{} has no {SCALER}: the scale of losses starts anew",
                checkpoint.display()
            ),
        }
    }
    let rng = checkpoint.join(RNG_STATE);
    if rng.is_file() {
        run.rng_to_restore = Some(RngState::load(&rng)?);
    } else {
        warning!(
            "{} has no {RNG_STATE}: dropout will differ from an uninterrupted run",
            checkpoint.display()
        );
    }
    run.position = StreamPosition::read(checkpoint)?;
    let whole = journal.args.restore_callback_states_from_checkpoint;
    let states = &journal.state.stateful_callbacks;
    journal.callbacks.load_states(states, whole)?;
    run.first_step = journal.state.global_step;
    run.first_tokens = journal.state.num_input_tokens_seen;
    run.loss = RunningLoss::new(engine.device, run.first_step)?;
    Ok(())
}

/// The checkpoint's state, with the length of this run; intervals stay the checkpoint's, as in Python.
fn adopt_state(journal: &mut Journal, saved: TrainerState, plan: &TrainingPlan) {
    let fresh = std::mem::replace(&mut journal.state, saved);
    let state = &mut journal.state;
    state.max_steps = plan.max_steps;
    state.num_train_epochs = plan.num_train_epochs;
    for (name, now, then) in [
        ("logging_steps", fresh.logging_steps, state.logging_steps),
        ("eval_steps", fresh.eval_steps, state.eval_steps),
        ("save_steps", fresh.save_steps, state.save_steps),
    ] {
        if now != then {
            warning!(
                "{name}: {now} (from args) != {then} (from {TRAINER_STATE}); the latter is used"
            );
        }
    }
    if fresh.train_batch_size != state.train_batch_size {
        let shown = |size: Option<u64>| size.map_or("unknown".to_owned(), |size| size.to_string());
        warning!(
            "per_device_train_batch_size: {} (from args) != {} (from {TRAINER_STATE}): the run will not be the \
             uninterrupted one",
            shown(fresh.train_batch_size),
            shown(state.train_batch_size)
        );
        state.train_batch_size = fresh.train_batch_size;
    }
}

/// Names the best checkpoint where it lies now; it may have moved with the output folder.
fn find_best_again(journal: &mut Journal, checkpoint: &Path) {
    let state = &mut journal.state;
    let Some(named) = state.best_model_checkpoint.take() else {
        return;
    };
    let found = find_best(state, named.as_ref(), checkpoint);
    if found.is_none() {
        warning!("the best checkpoint, {named}, is gone");
    }
    state.best_model_checkpoint = found.map(|folder| folder.to_string_lossy().into_owned());
}

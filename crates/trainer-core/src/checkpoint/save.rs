use trainer_torch::pickle;
use trainer_torch::rng_state::RngState;

use super::{
    OPTIMIZER, RNG_STATE, SCALER, SCHEDULER, best_of, by_age, checkpoint_name, checkpoints,
    remove_or_warn, superfluous, write_whole,
};
use crate::Result;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::run::Run;

/// Writes `checkpoint-{step}` whole or not at all, then removes those that `save_total_limit` has no room for.
pub(crate) fn save_checkpoint(engine: &Engine, journal: &mut Journal, run: &mut Run) -> Result<()> {
    journal.state.total_flos += std::mem::take(&mut run.flos);
    let output_dir = journal.output_dir();
    let step = journal.state.global_step;
    if let Some(best) = journal.state.best_global_step {
        let folder = output_dir.join(checkpoint_name(best));
        if best == step || folder.exists() {
            journal.state.best_model_checkpoint = Some(folder.to_string_lossy().into_owned());
        }
    }
    journal.state.stateful_callbacks = journal.callbacks.states();
    write_whole(&output_dir, &checkpoint_name(step), |folder| {
        journal.write_model(&*engine.model, folder)?;
        if !journal.args.save_only_model {
            pickle::save(&folder.join(OPTIMIZER), &run.optimizer.state_dict()?)?;
            pickle::save(&folder.join(SCHEDULER), &run.schedule.state_dict())?;
            if let Some(scaler) = &run.scaler {
                pickle::save(&folder.join(SCALER), &scaler.state_dict()?)?;
            }
            let mut generators = RngState::capture(run.resumed_rng.as_ref(), journal.args.seed)?;
            generators.collator = run.collator_state()?;
            generators.before_order = run.before_order.clone();
            generators.save(&folder.join(RNG_STATE))?;
            if let Some(position) = &run.position {
                position.write(folder)?;
            }
        }
        journal.write_state(folder)
    })?;
    let oldest_first = by_age(checkpoints(&output_dir)?);
    let best = best_of(&journal.state, &oldest_first);
    let limit = journal.args.save_total_limit;
    for folder in superfluous(&oldest_first, limit, step, best) {
        remove_or_warn(&folder);
    }
    Ok(())
}

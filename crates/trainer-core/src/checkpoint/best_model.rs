use std::path::{Path, PathBuf};

use tracing::info;
use trainer_data::warning;

use super::{checkpoints, remove_or_warn};
use crate::engine::Engine;
use crate::journal::Journal;
use crate::{Result, TrainerState};

/// The step of the checkpoint that `best_model_checkpoint` names, relatively perhaps, or through a link.
pub(crate) fn best_of(state: &TrainerState, checkpoints: &[(u64, PathBuf)]) -> Option<u64> {
    let best = Path::new(state.best_model_checkpoint.as_ref()?);
    let best = best.canonicalize().ok()?;
    let mut checkpoints = checkpoints.iter();
    let found = checkpoints.find(|(_, folder)| folder.canonicalize().is_ok_and(|it| it == best));
    found.map(|(step, _)| *step)
}

/// Puts the weights of the best checkpoint into the model.
pub(crate) fn load_best_model(engine: &Engine, journal: &Journal) -> Result<()> {
    let Some(best) = &journal.state.best_model_checkpoint else {
        warning!("there is no best checkpoint to load: the last weights stay");
        return Ok(());
    };
    if !Path::new(best).is_dir() {
        warning!("the best checkpoint, {best}, is gone: the last weights stay");
        return Ok(());
    }
    info!(
        "loading the best model, from {best} (score: {:?})",
        journal.state.best_metric
    );
    Ok(engine.model.load_weights(Path::new(best))?)
}

/// With a limit of one checkpoint, the best one is what stays in the end.
pub(crate) fn remove_all_but_best(journal: &Journal) -> Result<()> {
    let all = checkpoints(&journal.output_dir())?;
    if let Some(best) = best_of(&journal.state, &all) {
        for (_, folder) in all.into_iter().filter(|(step, _)| *step != best) {
            remove_or_warn(&folder);
        }
    }
    Ok(())
}

use std::path::{Path, PathBuf};

use tracing::info;
use trainer_data::warning;

use super::{checkpoint_name, checkpoints, remove_or_warn};
use crate::engine::Engine;
use crate::journal::Journal;
use crate::{Error, Result, TrainerState};

/// The step of the checkpoint that `best_model_checkpoint` names, relatively perhaps, or through a link.
pub(crate) fn best_of(state: &TrainerState, checkpoints: &[(u64, PathBuf)]) -> Option<u64> {
    let best = Path::new(state.best_model_checkpoint.as_ref()?);
    let best = best.canonicalize().ok()?;
    let mut checkpoints = checkpoints.iter();
    let found = checkpoints.find(|(_, folder)| folder.canonicalize().is_ok_and(|it| it == best));
    found.map(|(step, _)| *step)
}

/// Where the best checkpoint of a resumed run lies: beside the checkpoint that the run resumes from, by its step, since the output
/// folder may have another name now, or else where the state says.
pub(super) fn find_best(state: &TrainerState, named: &Path, resumed: &Path) -> Option<PathBuf> {
    let step = match state.best_global_step {
        Some(step) => checkpoint_name(step).into(),
        None => named.file_name()?.to_owned(),
    };
    let beside = resumed.canonicalize().ok()?.parent()?.join(step);
    [beside, named.to_owned()]
        .into_iter()
        .find(|folder| folder.is_dir())
}

/// Puts the weights of the best checkpoint into the model.
///
/// # Errors
/// When that checkpoint is gone: the last weights must not pass for the best.
pub(crate) fn load_best_model(engine: &Engine, journal: &Journal) -> Result<()> {
    let state = &journal.state;
    let Some(best) = &state.best_model_checkpoint else {
        if let Some(step) = state.best_global_step {
            return Err(Error::BestIsGone {
                checkpoint: journal.output_dir().join(checkpoint_name(step)),
            });
        }
        warning!("there is no best checkpoint to load: the last weights stay");
        return Ok(());
    };
    let best = Path::new(best);
    if !best.is_dir() {
        let checkpoint = best.to_owned();
        return Err(Error::BestIsGone { checkpoint });
    }
    info!(
        "loading the best model, from {} (score: {:?})",
        best.display(),
        state.best_metric
    );
    Ok(engine.model.load_weights(best)?)
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

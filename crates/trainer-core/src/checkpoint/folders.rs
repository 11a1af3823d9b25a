use std::path::{Path, PathBuf};

use tracing::warn;

use super::{TRAINER_STATE, verify};
use crate::{Error, Result, TrainerState};

/// `checkpoint-{step}`.
pub(crate) fn checkpoint_name(step: u64) -> String {
    format!("checkpoint-{step}")
}

/// The checkpoints in `output_dir`, by step, oldest first. A folder that does not exist has none.
pub(crate) fn checkpoints(output_dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    let entries = match std::fs::read_dir(output_dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", output_dir)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("list", output_dir))?.path();
        let step = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("checkpoint-")?.parse().ok());
        if let Some(step) = step.filter(|_| path.is_dir()) {
            found.push((step, path));
        }
    }
    found.sort();
    Ok(found)
}

/// The newest checkpoint that holds what its manifest says; newer ones that do not are named in a warning.
pub(crate) fn last_whole_checkpoint(output_dir: &Path) -> Result<PathBuf> {
    for (_, path) in checkpoints(output_dir)?.into_iter().rev() {
        let whole = verify(&path)
            .and_then(|()| TrainerState::load_from_json(&path.join(TRAINER_STATE)).map(drop));
        match whole {
            Ok(()) => return Ok(path),
            Err(error) => warn!("skipping {}: {error}", path.display()),
        }
    }
    Err(Error::Setup(format!(
        "No valid checkpoint found in output directory ({})",
        output_dir.display()
    )))
}

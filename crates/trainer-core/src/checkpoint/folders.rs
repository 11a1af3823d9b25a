use std::path::{Path, PathBuf};
use std::time::Duration;

use trainer_data::warning;

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

/// The checkpoints in the order in which they were written, oldest first, as Python sorts them: by the time of their last
/// change, or by step where all were changed within a second.
pub(crate) fn by_age(mut checkpoints: Vec<(u64, PathBuf)>) -> Vec<(u64, PathBuf)> {
    let changed = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let times: Option<Vec<_>> = checkpoints.iter().map(|(_, path)| changed(path)).collect();
    let times = times.unwrap_or_default();
    let span = match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => last.duration_since(*first).unwrap_or_default(),
        _ => Duration::ZERO,
    };
    if span >= Duration::from_secs(1) {
        checkpoints.sort_by_cached_key(|(_, path)| changed(path));
    }
    checkpoints
}

/// The newest checkpoint that holds what its manifest says; newer ones that do not are named in a warning.
pub(crate) fn last_whole_checkpoint(output_dir: &Path) -> Result<PathBuf> {
    for (_, path) in checkpoints(output_dir)?.into_iter().rev() {
        let whole = verify(&path)
            .and_then(|()| TrainerState::load_from_json(&path.join(TRAINER_STATE)).map(drop));
        match whole {
            Ok(()) => return Ok(path),
            Err(error) => warning!("skipping {}: {error}", path.display()),
        }
    }
    Err(Error::NoCheckpoint {
        output_dir: output_dir.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir};
    use std::time::{Duration, SystemTime};

    use super::{by_age, checkpoints};

    #[test]
    fn the_age_is_the_time_of_the_last_change_and_the_step_only_within_a_second()
    -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let now = SystemTime::now();
        let steps = || -> Vec<u64> {
            let all = checkpoints(folder.path()).unwrap_or_default();
            by_age(all).into_iter().map(|(step, _)| step).collect()
        };
        for step in [50, 2, 4] {
            let path = folder.path().join(format!("checkpoint-{step}"));
            create_dir(&path)?;
            File::open(&path)?.set_modified(now)?;
        }
        assert_eq!(steps(), [2, 4, 50]);
        let old = folder.path().join("checkpoint-50");
        File::open(old)?.set_modified(now - Duration::from_secs(60))?;
        assert_eq!(steps(), [50, 2, 4]);
        Ok(())
    }
}

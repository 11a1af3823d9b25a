use std::path::{Path, PathBuf};
use std::time::SystemTime;

use trainer_data::warning;

use super::manifest::{verify, written};
use super::{MANIFEST, TRAINER_STATE};
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

/// The checkpoints in the order in which they were written, oldest first: by the time in their manifests, else, as Python sorts
/// them, by the time of their last change, or by step where all were changed within a second.
pub(crate) fn by_age(mut checkpoints: Vec<(u64, PathBuf)>) -> Vec<(u64, PathBuf)> {
    let changed = |path: &Path| {
        let time = path.metadata().and_then(|data| data.modified()).ok()?;
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        u64::try_from(since_1970.as_millis()).ok()
    };
    if is_any_sealed(&checkpoints) {
        checkpoints
            .sort_by_cached_key(|(step, path)| (written(path).or_else(|| changed(path)), *step));
        return checkpoints;
    }
    let times: Vec<_> = checkpoints
        .iter()
        .filter_map(|(_, path)| changed(path))
        .collect();
    let span = times.iter().max().zip(times.iter().min());
    if span.is_some_and(|(last, first)| last - first >= 1000) {
        checkpoints.sort_by_cached_key(|(step, path)| (changed(path), *step));
    }
    checkpoints
}

fn is_any_sealed(checkpoints: &[(u64, PathBuf)]) -> bool {
    let mut folders = checkpoints.iter().map(|(_, path)| path);
    folders.any(|path| path.join(MANIFEST).exists())
}

/// The checkpoint to go on from: the one that was written last of those that are whole. Where none has a manifest, the one of the
/// highest step, as in Python: the times of folders change when they are copied. What was skipped is named in a warning.
pub(crate) fn last_whole_checkpoint(output_dir: &Path) -> Result<PathBuf> {
    let by_step = checkpoints(output_dir)?;
    let mut oldest_first = match is_any_sealed(&by_step) {
        true => by_age(by_step),
        false => by_step,
    };
    while let Some((step, path)) = oldest_first.pop() {
        let whole = verify(&path)
            .and_then(|()| TrainerState::load_from_json(&path.join(TRAINER_STATE)).map(drop));
        match whole {
            Ok(()) => {
                warn_of_older(&oldest_first, step, &path);
                return Ok(path);
            }
            Err(error) => warning!("skipping {}: {error}", path.display()),
        }
    }
    Err(Error::NoCheckpoint {
        output_dir: output_dir.to_owned(),
    })
}

/// An older run's checkpoints may have higher steps than those of the run that is resumed.
fn warn_of_older(older: &[(u64, PathBuf)], step: u64, taken: &Path) {
    let higher: Vec<String> = older
        .iter()
        .filter(|(other, _)| *other > step)
        .map(|(_, path)| path.display().to_string())
        .collect();
    if !higher.is_empty() {
        warning!(
            "resuming from {}, which was written last; of higher steps, but older: {}",
            taken.display(),
            higher.join(", ")
        );
    }
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

use std::path::{Path, PathBuf};

use trainer_data::warning;

use super::manifest;
use crate::{Error, Result, durable};

/// Ending of the hidden name that an old checkpoint has while a new one takes its place, where that takes two steps.
const REPLACED: &str = "-replaced";

/// Ending of the hidden name of a checkpoint that is being written.
const UNFINISHED: &str = "-unfinished";

/// Lets `fill` write files into a staging folder inside `output_dir`, seals them with a manifest and renames the folder to
/// `name`. On any error the staging folder is removed and what was called `name` before is untouched.
pub(crate) fn write_whole(
    output_dir: &Path,
    name: &str,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let mut staging = tempfile::Builder::new();
    // Temporary folders are private; this one becomes a real one, as open as the umask lets any folder be.
    #[cfg(unix)]
    staging.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let staging = staging
        .prefix(&format!(".{name}-"))
        .suffix(UNFINISHED)
        .tempdir_in(output_dir)
        .map_err(Error::io("create a folder in", output_dir))?;
    fill(staging.path())?;
    manifest::seal(staging.path())?;

    let target = output_dir.join(name);
    let old = match target.exists() {
        true => {
            let replaced = output_dir.join(format!(".{name}{REPLACED}"));
            Some(durable::replace_folder(staging.path(), &target, &replaced)?)
        }
        false => {
            std::fs::rename(staging.path(), &target)
                .map_err(Error::io("rename", staging.path()))?;
            None
        }
    };
    // The folder has another name now; there is nothing left to remove under the old one.
    let _ = staging.keep();
    durable::sync_folder(output_dir)?;
    if let Some(old) = old {
        remove_or_warn(&old);
    }
    Ok(target)
}

/// Clears away what runs that were killed left in `output_dir`: half a checkpoint is removed; one that was being replaced
/// is put back where the new one is not there yet.
pub(crate) fn tidy(output_dir: &Path) -> Result<()> {
    let entries = match std::fs::read_dir(output_dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("list", output_dir)(error)),
    };
    for entry in entries {
        let left = entry.map_err(Error::io("list", output_dir))?.path();
        let name = left.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| name.starts_with(".checkpoint-")) else {
            continue;
        };
        let target = name
            .strip_suffix(REPLACED)
            .map(|name| output_dir.join(&name[1..]));
        match target {
            Some(target) if !target.exists() => {
                warning!(
                    "{}: putting it back as {}",
                    left.display(),
                    target.display()
                );
                std::fs::rename(&left, &target).map_err(Error::io("rename", &left))?;
            }
            None if !name.ends_with(UNFINISHED) => {}
            _ => {
                warning!("removing {}, which a killed run left", left.display());
                remove_or_warn(&left);
            }
        }
    }
    Ok(())
}

/// What stays though it is not needed any more is no reason to end a run.
pub(crate) fn remove_or_warn(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        warning!("cannot remove {}: {error}", folder.display());
    }
}

#[cfg(test)]
mod tests {
    use super::{tidy, write_whole};
    use crate::checkpoint::manifest::verify;
    use crate::{Error, Result};

    fn write(folder: &std::path::Path, text: &str) -> Result<()> {
        let path = folder.join("weights");
        std::fs::write(&path, text).map_err(Error::io("write", &path))
    }

    #[test]
    fn a_failed_write_leaves_the_old_checkpoint_and_nothing_else() -> Result<()> {
        let output = tempfile::tempdir().map_err(Error::io("create", "test".as_ref()))?;
        let old = write_whole(output.path(), "checkpoint-1", |dir| write(dir, "old"))?;
        let failed = write_whole(output.path(), "checkpoint-1", |dir| {
            write(dir, "half")?;
            Err(Error::checkpoint(dir, "disk full"))
        });
        assert!(failed.is_err());
        assert_eq!(
            std::fs::read_to_string(old.join("weights")).ok().as_deref(),
            Some("old")
        );
        assert_eq!(
            std::fs::read_dir(output.path()).map(Iterator::count).ok(),
            Some(1)
        );
        Ok(())
    }

    #[test]
    fn what_killed_runs_left_is_put_back_or_removed() -> Result<()> {
        let output = tempfile::tempdir().map_err(Error::io("create", "test".as_ref()))?;
        let old = write_whole(output.path(), "checkpoint-1", |dir| write(dir, "old"))?;
        let replaced = output.path().join(".checkpoint-1-replaced");
        std::fs::rename(&old, &replaced).map_err(Error::io("rename", &old))?;
        tidy(output.path())?;
        verify(&old)?;
        let half = output.path().join(".checkpoint-2-aBcDeF-unfinished");
        let users = output.path().join(".checkpoint-3-mine");
        std::fs::create_dir(&users).map_err(Error::io("create", &users))?;
        for left in [&replaced, &half] {
            std::fs::create_dir(left).map_err(Error::io("create", left))?;
            write(left, "half")?;
        }
        tidy(output.path())?;
        verify(&old)?;
        assert!(users.exists() && !half.exists() && !replaced.exists());
        Ok(())
    }

    #[test]
    fn a_rewritten_checkpoint_replaces_the_old_and_verifies() -> Result<()> {
        let output = tempfile::tempdir().map_err(Error::io("create", "test".as_ref()))?;
        write_whole(output.path(), "checkpoint-1", |dir| write(dir, "old"))?;
        let new = write_whole(output.path(), "checkpoint-1", |dir| write(dir, "new"))?;
        assert_eq!(
            std::fs::read_to_string(new.join("weights")).ok().as_deref(),
            Some("new")
        );
        assert_eq!(
            std::fs::read_dir(output.path()).map(Iterator::count).ok(),
            Some(1)
        );
        verify(&new)?;
        write(&new, "NEW")?;
        assert!(verify(&new).is_err_and(|error| error.to_string().contains("SHA-256")));
        write(&new, "n")?;
        assert!(
            verify(&new).is_err_and(|error| error.to_string().contains("1 bytes, 3 were written"))
        );
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_checkpoint_with_links_in_it_is_whole_without_what_they_lead_to() -> Result<()> {
        let output = tempfile::tempdir().map_err(Error::io("create", "test".as_ref()))?;
        write(output.path(), "not of the checkpoint")?;
        let whole = write_whole(output.path(), "checkpoint-1", |dir| {
            write(dir, "weights")?;
            for (target, name) in [("../weights", "file"), ("..", "folder"), ("gone", "broken")] {
                std::os::unix::fs::symlink(target, dir.join(name))
                    .map_err(Error::io("link", dir))?;
            }
            Ok(())
        })?;
        verify(&whole)?;
        write(output.path(), "changed since")?;
        verify(&whole)
    }
}

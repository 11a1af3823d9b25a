//! Folders that appear whole or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::unwritable;
use crate::{Error, Result, durable, warning};

/// Lets `fill` write files into a hidden folder beside `place`, and renames it to that. On any error it is removed, and what
/// is at `place` is untouched. What is there must be one that `may_go` accepts.
pub(super) fn write(
    place: &Path,
    may_go: impl FnOnce(&Path) -> Result<()>,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let unnamed = || Error::File {
        path: place.to_owned(),
        message: "expected the name of a folder that can be written anew".to_owned(),
        source: None,
    };
    let is_there = place.exists();
    // A link stays one: what it leads to is replaced.
    let place = match is_there {
        true => fs::canonicalize(place).map_err(unwritable(place))?,
        false => place.to_owned(),
    };
    let name = place.file_name().ok_or_else(unnamed)?.to_string_lossy();
    let parent = match place.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).map_err(unwritable(&parent))?;
    if is_there {
        may_go(&place)?;
    }
    let staging = hidden(&parent, &name)?;
    fill(staging.path())?;
    durable::sync_folder(staging.path()).map_err(unwritable(&place))?;
    let old = match is_there {
        true => {
            let mut parked = staging.path().as_os_str().to_owned();
            parked.push("-replaced");
            let old = durable::replace_folder(staging.path(), &place, parked.as_ref());
            Some(old.map_err(unwritable(&place))?)
        }
        false => {
            fs::rename(staging.path(), &place).map_err(unwritable(&place))?;
            None
        }
    };
    // The folder has another name now; there is nothing left to remove under the old one.
    let _ = staging.keep();
    durable::sync_folder(&parent).map_err(unwritable(&parent))?;
    if let Some(old) = old
        && let Err(error) = fs::remove_dir_all(&old)
    {
        warning!("cannot remove {}: {error}", old.display());
    }
    Ok(())
}

fn hidden(parent: &Path, name: &str) -> Result<TempDir> {
    let mut folder = tempfile::Builder::new();
    // Temporary folders are private; this one becomes a real one, as open as the umask lets any folder be.
    #[cfg(unix)]
    folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    folder
        .prefix(&format!(".{name}-"))
        .suffix("-unfinished")
        .tempdir_in(parent)
        .map_err(unwritable(parent))
}

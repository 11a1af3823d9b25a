//! Files that appear whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::{Error, Result};

/// Writes `bytes` to `path` through a file beside it: readers see the old content or the new, never a part.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut staged =
        tempfile::NamedTempFile::new_in(folder).map_err(Error::io("create a file in", folder))?;
    staged
        .write_all(bytes)
        .and_then(|()| staged.as_file().sync_all())
        .map_err(Error::io("write", path))?;
    allow_others_to_read(staged.path())?;
    staged
        .persist(path)
        .map_err(|error| Error::io("write", path)(error.error))?;
    sync_folder(folder)
}

/// Makes renames inside `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::io("sync", folder))?;
    }
    Ok(())
}

/// Temporary files are private; what stays is as readable as any other file.
#[cfg(unix)]
fn allow_others_to_read(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
        .map_err(Error::io("set the permissions of", path))
}

#[cfg(not(unix))]
fn allow_others_to_read(_: &Path) -> Result<()> {
    Ok(())
}

//! Files that appear whole or not at all.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::{Error, Result};

/// Writes `bytes` to `path` through a file beside it: readers see the old content or the new, never a part.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut staged = staged(0o666)
        .tempfile_in(folder)
        .map_err(Error::io("create a file in", folder))?;
    staged
        .write_all(bytes)
        .and_then(|()| staged.as_file().sync_all())
        .map_err(Error::io("write", path))?;
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

/// Temporary files are private; those that become real ones are as open as the process's umask lets any file be.
pub(crate) fn staged<'prefix, 'suffix>(mode: u32) -> tempfile::Builder<'prefix, 'suffix> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_as_open_as_any_other_file() -> crate::Result<()> {
        let io = |error| crate::Error::io("use", "a test's folder".as_ref())(error);
        let folder = tempfile::tempdir().map_err(io)?;
        let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
        super::write(&ours, b"1")?;
        std::fs::write(&other, b"1").map_err(io)?;
        let mode = |path| std::fs::metadata(path).map(|data| data.permissions().mode());
        assert_eq!(mode(&ours).map_err(io)?, mode(&other).map_err(io)?);
        Ok(())
    }
}

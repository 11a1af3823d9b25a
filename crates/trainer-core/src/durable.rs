//! Files that appear whole or not at all, with this crate's errors.

use std::path::Path;

use crate::{Error, Result};

/// Writes `bytes` to `path`: readers see the old content or the new, never a part.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    trainer_data::durable::write(path, bytes).map_err(Error::io("write", path))
}

/// Makes renames inside `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    trainer_data::durable::sync_folder(folder).map_err(Error::io("sync", folder))
}

//! Files that appear whole or not at all, with this crate's errors.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Writes `bytes` to `path`: readers see the old content or the new, never a part.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    trainer_data::durable::write(path, bytes).map_err(Error::io("write", path))
}

/// Makes renames inside `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    trainer_data::durable::sync_folder(folder).map_err(Error::io("sync", folder))
}

/// Puts the folder `new` in the place of `place`; the path that the old one has now is that of `new` or `parked`.
pub(crate) fn replace_folder(new: &Path, place: &Path, parked: &Path) -> Result<PathBuf> {
    trainer_data::durable::replace_folder(new, place, parked).map_err(Error::io("replace", place))
}

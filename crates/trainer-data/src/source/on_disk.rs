//! Data sets whose rows are written to the disk before they are used, and found there again.

use std::{fmt::Debug, fs, path::Path};

use super::{
    declared_columns::Declared,
    files::SplitFiles,
    saved,
    settings::Settings,
    stream::{here, stream_formats},
};
use crate::{DatasetDict, Error, Result, ResultCache, warning};

/// The splits, mapped from `cache`, to which they are written unless an earlier call has done so.
pub(super) fn load(
    splits: Vec<SplitFiles>,
    settings: Settings,
    declared: Declared,
    cache: &ResultCache,
) -> Result<DatasetDict> {
    let place = cache.place_of_files(&(versions(&splits)?, &settings, &declared))?;
    if let Some(found) = found(&place) {
        return Ok(found);
    }
    tracing::info!("writing the rows to {}", place.display());
    let splits = splits.into_iter();
    let splits = splits.map(|(split, files)| (split, here(files)));
    stream_formats(splits.collect(), settings, declared)?.save_to_disk(&place)?;
    saved::load(&place, None)
}

/// What tells the files from what they were or will be: where they lie, how long they are and when they were written.
fn versions(splits: &[SplitFiles]) -> Result<impl Debug> {
    let mut versions = Vec::new();
    for (split, files) in splits {
        for (path, format) in files {
            let unreadable = |source| Error::Io {
                path: path.clone(),
                source,
            };
            let metadata = fs::metadata(path).map_err(unreadable)?;
            let path = fs::canonicalize(path).map_err(unreadable)?;
            let modified = metadata.modified().ok();
            versions.push((split.clone(), path, *format, metadata.len(), modified));
        }
    }
    Ok(versions)
}

/// What an earlier call has left; nothing, and a warning, for what does not open.
fn found(place: &Path) -> Option<DatasetDict> {
    if !place.exists() {
        return None;
    }
    saved::load(place, None)
        .inspect_err(|error| warning!("a kept data set is made anew: {error}"))
        .ok()
}

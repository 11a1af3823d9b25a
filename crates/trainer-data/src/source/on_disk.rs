//! Data sets whose rows are written to the disk before they are used, and found there again.

use std::{
    fmt::Debug,
    fs::{self, File, Metadata},
    path::Path,
};

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
    if let Some(Ok(found)) = found(&place) {
        return Ok(found);
    }
    // Of processes that begin at the same time one writes, and the others wait for it.
    let lock = place.with_extension("lock");
    let unwritable = |source| Error::Io {
        path: lock.clone(),
        source,
    };
    let guard = File::create(&lock).map_err(unwritable)?;
    guard.lock().map_err(unwritable)?;
    match found(&place) {
        Some(Ok(found)) => return Ok(found),
        Some(Err(error)) => warning!("a kept data set is made anew: {error}"),
        None => {}
    }
    tracing::info!("writing the rows to {}", place.display());
    let splits = splits.into_iter();
    let splits = splits.map(|(split, files)| (split, here(files)));
    stream_formats(splits.collect(), settings, declared)?.save_to_disk(&place)?;
    saved::load(&place, None)
}

/// What tells the files from what they were or will be: where they lie, how long they are and when they changed; and their names, by which
/// they are read.
fn versions(splits: &[SplitFiles]) -> Result<impl Debug> {
    let mut versions = Vec::new();
    for (split, files) in splits {
        for (path, format) in files {
            let unreadable = |source| Error::Io {
                path: path.clone(),
                source,
            };
            let metadata = fs::metadata(path).map_err(unreadable)?;
            let file = fs::canonicalize(path).map_err(unreadable)?;
            let changed = changed(&metadata);
            let name = path.clone();
            versions.push((split.clone(), name, *format, file, metadata.len(), changed));
        }
    }
    Ok(versions)
}

/// When the file was written. Whoever copies one over another may keep that time, but not the one at which the system noted the change.
fn changed(metadata: &Metadata) -> impl Debug + use<> {
    #[cfg(unix)]
    let noted = {
        use std::os::unix::fs::MetadataExt;
        (metadata.ctime(), metadata.ctime_nsec(), metadata.ino())
    };
    #[cfg(not(unix))]
    let noted = ();
    (metadata.modified().ok(), noted)
}

/// What an earlier call has left.
fn found(place: &Path) -> Option<Result<DatasetDict>> {
    place.exists().then(|| saved::load(place, None))
}

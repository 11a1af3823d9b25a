use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Result};

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// Writes `content` to `folder/name` so that the file is whole or, after a crash, the old one: into a neighbour first,
/// flushed to the disk, then renamed.
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let staged = folder.join(format!(".{name}.{}-{serial}", std::process::id()));
    let written = File::create(&staged)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&staged, &path))
        .and_then(|()| sync_folder(folder));
    written.map_err(|source| {
        let _ = fs::remove_file(&staged);
        Error::Write { path, source }
    })
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

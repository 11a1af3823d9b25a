use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Writes a file that appears whole or not at all: to a neighbour first, flushed to the disk, then renamed.
///
/// `write` may fail for reasons of its own; the neighbour is removed then.
pub(crate) fn write_durably(
    path: &Path,
    write: impl FnOnce(&mut DurableFile) -> Result<()>,
) -> Result<()> {
    let neighbour = neighbour_of(path);
    let written = write_and_rename(path, &neighbour, write);
    if written.is_err() {
        // The error that is returned says more than a failure to tidy up would.
        let _ = fs::remove_file(&neighbour);
    }
    written
}

/// The neighbour that is being written.
pub(crate) struct DurableFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl DurableFile {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))
    }
}

fn write_and_rename(
    path: &Path,
    neighbour: &Path,
    write: impl FnOnce(&mut DurableFile) -> Result<()>,
) -> Result<()> {
    let file = File::create(neighbour).map_err(Error::io("write", neighbour))?;
    let mut durable = DurableFile {
        path: path.to_owned(),
        file: BufWriter::new(file),
    };
    write(&mut durable)?;
    durable
        .file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .and_then(|file| file.sync_all())
        .map_err(Error::io("write", path))?;
    fs::rename(neighbour, path).map_err(Error::io("write", path))?;
    sync_folder(path)
}

fn neighbour_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

/// Makes the rename itself durable, where the system can.
fn sync_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(Error::io("write", path)),
        _ => Ok(()),
    }
}

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use trainer_data::warning;

use crate::{Error, Result};

/// The file that a training holds locked in its output folder; the system unlocks it when the process ends, however it ends.
const NAME: &str = ".trainer-is-running";

/// One training at a time in an output folder: a second one would clear away what the first has half written.
#[derive(Debug)]
pub(crate) struct OutputLock {
    path: PathBuf,
    /// Locked until it is closed.
    _file: File,
}

impl OutputLock {
    /// `None`, after a warning, on a file system that has no locks.
    ///
    /// # Errors
    /// When another training holds the folder; the error names its process.
    pub(crate) fn take(output_dir: &Path) -> Result<Option<Self>> {
        let path = output_dir.join(NAME);
        let own = format!("process {}", std::process::id());
        loop {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(&path).map_err(Error::io("open", &path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::OutputInUse {
                        output_dir: output_dir.to_owned(),
                        by: std::fs::read_to_string(&path).unwrap_or_default(),
                    });
                }
                Err(TryLockError::Error(error)) => {
                    warning!("cannot lock {}: {error}", path.display());
                    return Ok(None);
                }
            }
            file.set_len(0)
                .and_then(|()| file.write_all(own.as_bytes()))
                .map_err(Error::io("write", &path))?;
            // Its last holder may have removed the file between opening it here and locking it.
            if std::fs::read_to_string(&path).is_ok_and(|now| now == own) {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        // What stays is not locked any more, and taken over by the next.
        let _ = std::fs::remove_file(&self.path);
    }
}

//! Files of `torch.save`: an `optimizer.pt`, a `scheduler.pt`, read and written without running what they say.
//!
//! Such a file is a zip archive of a pickle, which is a program for a stack machine, and of the tensors' bytes. The machine
//! here knows plain data, tensors, NumPy arrays and the containers around them; it refuses by name whatever else a pickle
//! asks for, and never builds more than a bounded multiple of what the file holds: 16 MiB and 128 bytes for each byte of the
//! pickle beside the tensors, and tensors of 64 MiB and 8 times the file. (A tensor whose stride is 0 has more elements than
//! its storage.)
//!
//! ```
//! use trainer_torch::pickle::{self, Dict, Value};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("scheduler.pt");
//! pickle::save(&file, &Dict::new().with("last_epoch", 3).into())?;
//! let read = pickle::load(&file)?;
//! assert_eq!(read.as_dict().and_then(|dict| dict.get("last_epoch")).and_then(Value::as_i64), Some(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod archive;
mod constructor;
mod machine;
mod node;
mod numpy;
mod opcode;
mod storage;
mod value;
mod writer;

use std::fs::File;
use std::io::{self, BufReader, BufWriter};
use std::path::Path;

pub(crate) use storage::{bytes_mut, class};
pub use value::{Dict, NumpyArray, Value};

use crate::{Error, Result};

/// Reads a file that Python's `torch.save` or [`save`] wrote. Tensors come to host memory whatever device they were on;
/// those that share memory in the file share it here. Parameters come as tensors without gradient.
///
/// # Errors
/// When the file cannot be read, is damaged (each part has a checksum), or asks for anything but data, or for more than there may be.
pub fn load(path: &Path) -> Result<Value> {
    let (mut archive, length) = open(path)?;
    let pickle = |source| Error::Pickle {
        path: path.to_owned(),
        source,
    };
    let bytes = archive.pickle().map_err(pickle)?;
    machine::run(&bytes, length, &mut archive).map_err(pickle)
}

/// Writes a file that Python's `torch.load(path, weights_only=True)` and [`load`] read. Tensors are written as they would
/// lie in host memory, contiguous. The file is not synchronised to the disk.
///
/// # Errors
/// When the file cannot be written, or a tensor has a dtype that has no storage in Python.
pub fn save(path: &Path, value: &Value) -> Result<()> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let pickled = writer::Pickled::new(value).map_err(|source| Error::Pickle {
        path: path.to_owned(),
        source,
    })?;
    let name = path
        .file_stem()
        .map_or_else(|| "archive".into(), |stem| stem.to_string_lossy());
    let file = BufWriter::new(File::create(path).map_err(failed)?);
    archive::write(file, &name, &pickled).map_err(failed)
}

/// Looks whether a file is a whole archive of a pickle, without reading the tensors: the list of an archive's entries stands at
/// its end, so that a file which was cut has none.
///
/// # Errors
/// When the file cannot be read, or is no such archive.
pub fn check_whole(path: &Path) -> Result<()> {
    open(path).map(drop)
}

/// The archive, and how many bytes it has.
fn open(path: &Path) -> Result<(archive::Archive<BufReader<File>>, u64)> {
    let (file, length) = regular(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    let archive = archive::Archive::open(BufReader::new(file), length);
    let archive = archive.map_err(|source| Error::Archive {
        path: path.to_owned(),
        source,
    })?;
    Ok((archive, length))
}

/// A file and its length. To open a pipe would wait for a writer; a device has no end.
fn regular(path: &Path) -> io::Result<(File, u64)> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        )),
    }
}

//! The zip archive around a pickle and its storages.

use std::collections::HashMap;
use std::io::{self, Read, Seek, Write};

use tch::{Device, Kind, Tensor};
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::storage::{self, Storages};
use super::writer::Pickled;
use crate::PickleError;

const PICKLE: &str = "data.pkl";
/// The most bytes of a pickle without its storages: those of the largest models have a few megabytes.
const MOST_PICKLE: u64 = 64 << 20;

/// An archive that is read.
pub(super) struct Archive<R> {
    zip: ZipArchive<R>,
    /// How many bytes there may still be in entries: all of them lie one behind the other in the file.
    left: u64,
    /// The folder that all entries lie in, with its slash.
    folder: String,
    storages: HashMap<String, Tensor>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive of `length` bytes.
    pub(super) fn open(file: R, length: u64) -> Result<Self, ZipError> {
        let zip = ZipArchive::new(file)?;
        let folder = zip
            .file_names()
            .flatten()
            .find_map(|name| {
                name.strip_suffix(PICKLE)
                    .filter(|rest| rest.is_empty() || rest.ends_with('/'))
                    .map(str::to_owned)
            })
            .ok_or(ZipError::InvalidArchive("it holds no data.pkl".into()))?;
        Ok(Self {
            zip,
            left: length,
            folder,
            storages: HashMap::new(),
        })
    }

    pub(super) fn pickle(&mut self) -> Result<Vec<u8>, PickleError> {
        if let Ok(order) = self.entry("byteorder")
            && order != b"little"
        {
            return Err(PickleError::Unexpected {
                expected: "little-endian numbers".to_owned(),
                found: String::from_utf8_lossy(&order).into_owned(),
            });
        }
        self.entry(PICKLE)
    }

    fn entry(&mut self, name: &str) -> Result<Vec<u8>, PickleError> {
        let failed = |reason: String| PickleError::Storage {
            key: name.to_owned(),
            reason,
        };
        let entry = self
            .zip
            .by_name(&format!("{}{name}", self.folder))
            .map_err(|error| failed(error.to_string()))?;
        if entry.size() > MOST_PICKLE {
            let size = entry.size();
            return Err(failed(format!("has {size} bytes, more than {MOST_PICKLE}")));
        }
        self.left = left_behind(self.left, &entry).map_err(failed)?;
        let mut bytes = Vec::new();
        entry
            .take(MOST_PICKLE)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(error.to_string()))?;
        Ok(bytes)
    }
}

/// What is left of `left` bytes behind an entry, which is not packed.
fn left_behind<R: Read>(left: u64, entry: &ZipFile<'_, R>) -> Result<u64, String> {
    if entry.compression() != CompressionMethod::Stored || entry.size() != entry.compressed_size() {
        return Err("is packed, which torch.save never does".to_owned());
    }
    let left = left.checked_sub(entry.size());
    left.ok_or_else(|| "lies over other parts of the file".to_owned())
}

impl<R: Read + Seek> Storages for Archive<R> {
    fn read(&mut self, key: &str, kind: Kind, numel: usize) -> Result<Tensor, PickleError> {
        let failed = |reason: String| PickleError::Storage {
            key: key.to_owned(),
            reason,
        };
        if let Some(tensor) = self.storages.get(key) {
            if tensor.f_kind()? != kind || tensor.numel() != numel {
                return Err(failed("is used with two dtypes or sizes".to_owned()));
            }
            return Ok(tensor.shallow_clone());
        }
        let mut entry = self
            .zip
            .by_name(&format!("{}data/{key}", self.folder))
            .map_err(|error| failed(error.to_string()))?;
        let expected =
            storage::class(kind).and_then(|(_, size)| u64::try_from(numel.checked_mul(size)?).ok());
        if expected != Some(entry.size()) {
            return Err(failed(format!(
                "has {} bytes, expected {numel} elements of {kind:?}",
                entry.size()
            )));
        }
        self.left = left_behind(self.left, &entry).map_err(failed)?;
        let length = i64::try_from(numel).map_err(|error| failed(error.to_string()))?;
        let mut tensor = Tensor::f_empty([length], (kind, Device::Cpu))?;
        entry
            .read_exact(storage::bytes_mut(&mut tensor))
            .map_err(|error| failed(error.to_string()))?;
        // The checksum is compared when the end is read.
        entry
            .read(&mut [0])
            .map_err(|error| failed(error.to_string()))?;
        self.storages.insert(key.to_owned(), tensor.shallow_clone());
        Ok(tensor)
    }
}

/// Writes an archive as `torch.save` does: its entries, their order, and storages on multiples of 64 bytes.
pub(super) fn write<W: Write + Seek>(file: W, name: &str, pickled: &Pickled) -> io::Result<()> {
    let mut file = UntilError {
        file,
        position: 0,
        error: None,
    };
    let written = write_entries(&mut file, name, pickled).map(drop);
    let flushed = file.flush();
    match file.error {
        Some(error) => Err(error),
        None => written.map_err(io::Error::from).and(flushed),
    }
}

fn write_entries<W: Write + Seek>(file: W, name: &str, pickled: &Pickled) -> Result<W, ZipError> {
    let mut zip = ZipWriter::new(file);
    let mut entry = |path: &str, bytes: &[u8]| -> Result<(), ZipError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .with_alignment(64)
            .large_file(u32::try_from(bytes.len()).is_err());
        zip.start_file(format!("{name}/{path}"), options)?;
        zip.write_all(bytes)?;
        Ok(())
    };
    entry(PICKLE, &pickled.pickle)?;
    entry(".format_version", b"1")?;
    entry(".storage_alignment", b"64")?;
    entry("byteorder", b"little")?;
    for (key, tensor) in pickled.storages.iter().enumerate() {
        entry(&format!("data/{key}"), storage::bytes(tensor))?;
    }
    entry("version", b"3\n")?;
    zip.finish()
}

/// A file whose first error is kept, and which from then on takes everything and keeps nothing: a `ZipWriter` hides the
/// system's reason, and prints a line of its own when it is dropped and cannot end the archive.
struct UntilError<W> {
    file: W,
    position: u64,
    error: Option<io::Error>,
}

impl<W: Write> Write for UntilError<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = bytes.len();
        if self.error.is_none() {
            match self.file.write(bytes) {
                Ok(part) => written = part,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => self.error = Some(error),
            }
        }
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.error {
            Some(_) => Ok(()),
            None => self.file.flush(),
        }
    }
}

impl<W: Seek> Seek for UntilError<W> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.position = match (&self.error, to) {
            (None, _) => match self.file.seek(to) {
                Ok(position) => position,
                Err(error) => {
                    self.error = Some(error);
                    self.position
                }
            },
            (Some(_), io::SeekFrom::Start(position)) => position,
            (Some(_), io::SeekFrom::Current(offset)) => self.position.saturating_add_signed(offset),
            (Some(_), io::SeekFrom::End(_)) => self.position,
        };
        Ok(self.position)
    }
}

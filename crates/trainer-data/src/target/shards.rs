use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};
use sha2::{Digest, Sha256};

use super::unwritable;
use crate::{Result, hexadecimal::hexadecimal};

/// The Arrow files of a saved data set, one behind the other, as streams.
pub(super) struct Shards<'a> {
    folder: &'a Path,
    schema: SchemaRef,
    open: Option<StreamWriter<Shard>>,
    finished: Vec<PathBuf>,
    digest: Sha256,
}

impl<'a> Shards<'a> {
    pub(super) fn new(folder: &'a Path, schema: &SchemaRef) -> Self {
        Self {
            folder,
            schema: Arc::clone(schema),
            open: None,
            finished: Vec::new(),
            digest: Sha256::new(),
        }
    }

    /// Adds `batch` to the file that is open, or begins one; it ends once it has `most` bytes.
    pub(super) fn write(&mut self, batch: &RecordBatch, most: u64) -> Result<(), ArrowError> {
        let writer = self.open()?;
        writer.write(batch)?;
        if writer.get_ref().written >= most {
            self.finish()?;
        }
        Ok(())
    }

    /// Ends the file that is open; one without rows, if there is none.
    pub(super) fn finish(&mut self) -> Result<(), ArrowError> {
        self.open()?;
        if let Some(writer) = self.open.take() {
            let shard = writer.into_inner()?;
            let file = shard
                .file
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            self.digest.update(shard.digest.finalize());
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&mut StreamWriter<Shard>, ArrowError> {
        let writer = match self.open.take() {
            Some(writer) => writer,
            None => {
                let path = self.folder.join(format!("data-{:05}", self.finished.len()));
                let shard = Shard::create(&path)?;
                self.finished.push(path);
                StreamWriter::try_new(shard, &self.schema)?
            }
        };
        Ok(self.open.insert(writer))
    }

    /// Names the files, now that it is known how many there are; their names, and 16 digits that follow from what is in them.
    pub(super) fn names(mut self) -> Result<(Vec<String>, String)> {
        if self.open.is_some() || self.finished.is_empty() {
            self.finish()
                .map_err(|error| super::refused(self.folder, "Arrow", error))?;
        }
        let count = self.finished.len();
        let mut names = Vec::new();
        for (at, path) in self.finished.iter().enumerate() {
            let name = format!("data-{at:05}-of-{count:05}.arrow");
            fs::rename(path, self.folder.join(&name)).map_err(unwritable(path))?;
            names.push(name);
        }
        let digest = self.digest.finalize();
        Ok((names, hexadecimal(&digest[..8])))
    }
}

/// A file that counts what is written to it.
struct Shard {
    file: BufWriter<File>,
    written: u64,
    digest: Sha256,
}

impl Shard {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(File::create_new(path)?),
            written: 0,
            digest: Sha256::new(),
        })
    }
}

impl Write for Shard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        self.digest.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

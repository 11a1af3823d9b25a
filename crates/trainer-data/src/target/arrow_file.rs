use std::path::{Path, PathBuf};

use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;

use super::{batches::Batches, refused, types, unwritable};
use crate::{Dataset, Features, Result, durable::StagedFile};

/// An Arrow stream that appears whole or not at all, with the features in it.
pub(crate) struct ArrowFile {
    path: PathBuf,
    writer: StreamWriter<StagedFile>,
}

impl ArrowFile {
    /// Begins a file of rows with these columns.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) where it cannot be made, [`Error::File`](crate::Error::File) for what Arrow refuses.
    pub(crate) fn create(path: &Path, features: &Features) -> Result<Self> {
        let file = StagedFile::create(path).map_err(unwritable(path))?;
        let writer = StreamWriter::try_new(file, &types::schema(features));
        Ok(Self {
            path: path.to_owned(),
            writer: writer.map_err(|error| failed(path, error))?,
        })
    }

    /// Adds all rows of `data`, which has the columns of the file.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub(crate) fn write(&mut self, data: &Dataset) -> Result<()> {
        let Self { path, writer } = self;
        let failed = |error| failed(path, error);
        Batches::of(data).each(0..data.num_rows(), failed, |batch| {
            writer.write(batch).map_err(failed)
        })
    }

    /// Puts the file at its place.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub(crate) fn keep(self) -> Result<()> {
        let Self { path, writer } = self;
        let file = writer.into_inner().map_err(|error| failed(&path, error))?;
        file.keep().map_err(unwritable(&path))
    }
}

fn failed(path: &Path, error: ArrowError) -> crate::Error {
    match error {
        ArrowError::IoError(_, source) => unwritable(path)(source),
        error => refused(path, "Arrow", error),
    }
}

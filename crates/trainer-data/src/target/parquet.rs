use std::{path::Path, sync::Arc};

use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties},
};

use super::{batches::Batches, declared, refused, unwritable};
use crate::{Dataset, Result, durable::StagedFile};

/// How large a group of rows gets, packed, in bytes: it is in memory until it is whole.
const GROUP: usize = 64 << 20;

impl Dataset {
    /// Writes all rows to `path` as Parquet, packed by Snappy, with the features: Python's `datasets` and [`crate::load_dataset`]
    /// read class labels, lists, dates and missing values as they are here.
    ///
    /// The file appears whole or not at all.
    ///
    /// ```
    /// use trainer_data::{ClassLabel, Column, Columns, Dataset, load_dataset};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("rows.parquet");
    /// let labels = Column::class_labels(ClassLabel::new(["no", "yes"]), [1, 0])?;
    /// let data = Dataset::from_columns(Columns::new().with("label", labels))?;
    /// data.to_parquet(&path)?;
    /// let read = load_dataset(path.to_str().unwrap(), None)?;
    /// assert_eq!(read["train"].features(), data.features());
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Io`] where the file cannot be written, [`crate::Error::File`] for a column that Parquet cannot hold: a struct without
    /// fields.
    pub fn to_parquet(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let batches = Batches::of(self);
        let features = KeyValue::new(
            "huggingface".to_owned(),
            declared::metadata(batches.features()),
        );
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(vec![features]))
            .build();
        let mut file = StagedFile::create(path).map_err(unwritable(path))?;
        let failed = |error: ParquetError| refused(path, "Parquet", error);
        let schema = Arc::clone(batches.schema());
        let mut writer =
            ArrowWriter::try_new(&mut file, schema, Some(properties)).map_err(failed)?;
        batches.each(
            0..self.num_rows(),
            |error| failed(error.into()),
            |batch| {
                writer.write(batch).map_err(failed)?;
                if writer.in_progress_size() >= GROUP {
                    writer.flush().map_err(failed)?;
                }
                Ok(())
            },
        )?;
        writer.close().map_err(failed)?;
        file.keep().map_err(unwritable(path))
    }
}

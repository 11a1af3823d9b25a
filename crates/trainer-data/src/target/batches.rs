use std::{ops::Range, sync::Arc};

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, SchemaRef};

use super::{arrays::array, types};
use crate::{Dataset, Features, column::Reader};

/// How many rows stand together in a file; as many as Python's `datasets` writes at once.
const ROWS: usize = 1000;

/// Makes batches of a data set's rows.
pub(super) struct Batches<'a> {
    dataset: &'a Dataset,
    features: Features,
    readers: Vec<Reader<'a>>,
    schema: SchemaRef,
}

impl<'a> Batches<'a> {
    pub(super) fn of(dataset: &'a Dataset) -> Self {
        let features = dataset.features();
        let schema = types::schema(&features);
        let readers = dataset.columns().map(|(_, column)| column.reader());
        Self {
            dataset,
            readers: readers.collect(),
            features,
            schema,
        }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn features(&self) -> &Features {
        &self.features
    }

    /// Hands the rows of `range` to `write`, some at a time and in order.
    ///
    /// # Errors
    /// What `write` says, and where a single row is too large for Arrow's texts and lists.
    pub(super) fn each<E: From<ArrowError>>(
        &self,
        range: Range<usize>,
        mut write: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut next = range.start;
        let mut most = ROWS;
        while next < range.end {
            let end = range.end.min(next + most);
            match self.batch(next..end) {
                Ok(batch) => {
                    write(&batch)?;
                    next = end;
                    most = ROWS;
                }
                Err(ArrowError::OffsetOverflowError(_)) if end - next > 1 => {
                    most = (end - next) / 2;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn batch(&self, rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
        let count = rows.len();
        let rows: Vec<usize> = rows.map(|row| self.dataset.stored(row)).collect();
        let columns = self.readers.iter().zip(self.features.iter());
        let columns = columns.map(|(reader, (_, feature))| array(reader, feature, &rows));
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            columns.collect::<Result<_, _>>()?,
            &options,
        )
    }
}

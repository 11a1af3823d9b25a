use std::{ops::Range, sync::Arc};

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, SchemaRef};

use super::{arrays::array, types};
use crate::{Column, Dataset, Error, Features, Result, column::Reader};

/// How many rows stand together in a file; as many as Python's `datasets` writes at once.
pub(super) const ROWS: usize = 1000;

/// Makes batches of a data set's rows.
pub(super) struct Batches<'a> {
    dataset: &'a Dataset,
    features: Features,
    schema: SchemaRef,
}

impl<'a> Batches<'a> {
    pub(super) fn of(dataset: &'a Dataset) -> Self {
        let features = dataset.features();
        let schema = types::schema(&features);
        Self {
            dataset,
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
    /// What `write` says, where a mapped file is damaged, and where a single row is too large for Arrow's texts and lists.
    pub(super) fn each(
        &self,
        range: Range<usize>,
        refused: impl Fn(ArrowError) -> Error,
        mut write: impl FnMut(&RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let mut next = range.start;
        while next < range.end {
            let end = range.end.min(next + ROWS);
            let count = end - next;
            let stored: Vec<usize> = (next..end).map(|row| self.dataset.stored(row)).collect();
            let taken: Vec<usize> = (0..count).collect();
            let parts = self.dataset.columns().map(|(_, column)| {
                Ok(match column.chunks().whole() {
                    Some(_) => (column.clone(), stored.as_slice()),
                    None => (column.take(stored.iter().copied())?, taken.as_slice()),
                })
            });
            let parts: Vec<(Column, &[usize])> = parts.collect::<Result<_>>()?;
            let mut first = 0;
            let mut most = count;
            while first < count {
                let last = count.min(first + most);
                match self.batch(&parts, first..last) {
                    Ok(batch) => {
                        write(&batch)?;
                        first = last;
                    }
                    Err(ArrowError::OffsetOverflowError(_)) if last - first > 1 => {
                        most = (last - first) / 2;
                    }
                    Err(error) => return Err(refused(error)),
                }
            }
            next = end;
        }
        Ok(())
    }

    /// A batch of those of the rows of `parts`, columns of one array in memory, that stand at `range` there.
    fn batch(
        &self,
        parts: &[(Column, &[usize])],
        range: Range<usize>,
    ) -> Result<RecordBatch, ArrowError> {
        let columns = parts.iter().filter_map(|(column, rows)| {
            let whole = column.chunks().whole()?;
            let reader = Reader::new(whole.as_ref(), column.feature());
            Some(array(&reader, column.feature(), &rows[range.clone()]))
        });
        let options = RecordBatchOptions::new().with_row_count(Some(range.len()));
        RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            columns.collect::<Result<_, _>>()?,
            &options,
        )
    }
}

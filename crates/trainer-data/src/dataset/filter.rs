use super::{Dataset, map::batches};
use crate::{BoxError, Error, Result, Row};

/// Rows of one call's share of work.
const BATCH: usize = 1000;

impl Dataset {
    /// The rows for which `keep` says so, in their order.
    ///
    /// `keep` is called on all cores, in no particular order.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset};
    /// let data = Dataset::from_columns(Columns::new().with("label", Column::ints([1, -1, 0])))?;
    /// assert_eq!(data.filter(|row| Ok(row.int("label")? >= 0))?.num_rows(), 2);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Rows`] with what `keep` said and the row for which it said so, the first such row.
    pub fn filter<F>(&self, keep: F) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        self.filter_on(None, keep)
    }

    /// [`Self::filter`] on this thread.
    pub(crate) fn filter_here<F>(&self, keep: F) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        self.filter_on(Some(1), keep)
    }

    fn filter_on<F>(&self, threads: Option<usize>, keep: F) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        let kept = batches(self.num_rows(), BATCH, threads, |range| {
            let mut kept = Vec::new();
            for row in range {
                let failed = |source| Error::Rows {
                    operation: "filter",
                    first: row,
                    last: row,
                    source,
                };
                if keep(&Row::new(self, row)).map_err(failed)? {
                    kept.push(row);
                }
            }
            Ok(kept)
        })?;
        Ok(self.choose(kept.into_iter().flatten()))
    }
}

use std::path::Path;

use super::{Dataset, ResultCache, bar::Bar, map::batches};
use crate::{BoxError, Column, Columns, Error, Result, Row, Value, target::ArrowFile};

/// Rows of one call's share of work.
const BATCH: usize = 1000;

/// How [`Dataset::filter_with`] works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterOptions {
    /// Threads, at least 1; nothing for one on each core. Default nothing.
    pub num_proc: Option<usize>,
    /// Where the numbers of the rows that are kept are looked for, and left if they are not there. Default nothing.
    pub cache: Option<ResultCache>,
    /// What the bar says that shows how far the work is, on a terminal; nothing for no bar. Default nothing.
    pub desc: Option<String>,
}

impl FilterOptions {
    /// With this many threads.
    #[must_use]
    pub fn num_proc(mut self, num_proc: usize) -> Self {
        self.num_proc = Some(num_proc);
        self
    }

    /// With the rows taken from `cache` if an earlier call has left their numbers there, and else left there for later ones.
    /// The cache needs a key.
    #[must_use]
    pub fn cache(mut self, cache: ResultCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// With a bar that begins with `desc`, where standard error is a terminal.
    #[must_use]
    pub fn desc(mut self, desc: impl Into<String>) -> Self {
        self.desc = Some(desc.into());
        self
    }
}

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
        self.filter_with(keep, &FilterOptions::default())
    }

    /// [`Self::filter`] with options.
    ///
    /// # Errors
    /// As there; also [`Error::InvalidArgument`] for no threads and for a cache without a key, and [`Error::Io`] where the
    /// cache cannot be written.
    pub fn filter_with<F>(&self, keep: F, options: &FilterOptions) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        let kept = match &options.cache {
            None => self.kept(keep, options)?,
            Some(cache) => {
                let place = cache.place_of_rows(self)?;
                match self.rows_in(&place) {
                    Some(rows) => rows,
                    None => {
                        let rows = self.kept(keep, options)?;
                        write(&place, &rows)?;
                        rows
                    }
                }
            }
        };
        Ok(self.choose(kept.into_iter()))
    }

    /// [`Self::filter`] on this thread.
    pub(crate) fn filter_here<F>(&self, keep: F) -> Result<Self>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        self.filter_with(keep, &FilterOptions::default().num_proc(1))
    }

    fn kept<F>(&self, keep: F, options: &FilterOptions) -> Result<Vec<usize>>
    where
        F: Fn(&Row<'_>) -> Result<bool, BoxError> + Sync,
    {
        let bar = Bar::begin(options.desc.as_deref(), self.num_rows());
        let kept = batches(self.num_rows(), BATCH, options.num_proc, |range| {
            let mut kept = Vec::new();
            let count = range.len();
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
            bar.add(count);
            Ok(kept)
        })?;
        Ok(kept.into_iter().flatten().collect())
    }

    /// The numbers of rows that an earlier call has left in `file`, if there is such a file and they are rows of this data set.
    fn rows_in(&self, file: &Path) -> Option<Vec<usize>> {
        let numbers = ResultCache::found(file)?.column(COLUMN).ok()?;
        let row = |value| match value {
            Value::Int(row) => usize::try_from(row)
                .ok()
                .filter(|row| *row < self.num_rows()),
            _ => None,
        };
        numbers.iter().map(row).collect()
    }
}

const COLUMN: &str = "row";

fn write(file: &Path, rows: &[usize]) -> Result<()> {
    let numbers = rows
        .iter()
        .map(|row| i64::try_from(*row).unwrap_or(i64::MAX));
    let rows = Dataset::from_columns(Columns::new().with(COLUMN, Column::ints(numbers)))?;
    let mut file = ArrowFile::create(file, &rows.features())?;
    file.write(&rows)?;
    file.keep()
}

//! [`Dataset`]: columns, row numbers, and the operations on both.

mod bar;
mod change_columns;
mod choose_rows;
mod display;
mod filter;
mod interleave;
mod join;
mod map;
mod map_on_disk;
mod result_cache;
mod shape;
mod sort;
mod split;

use std::sync::Arc;

pub use filter::FilterOptions;
pub use interleave::{Interleave, StoppingStrategy, interleave_datasets};
pub use join::concatenate_datasets;
pub use map::{MapOptions, MapRows};
pub use result_cache::ResultCache;
pub use sort::SortKey;
pub use split::{SplitOptions, SplitSize};

use crate::{Column, Columns, Error, Features, Result, Row, Rows, target};

/// Rows of named, typed columns.
///
/// Clones share the columns, and choosing or reordering rows keeps them and changes only a list of row numbers, so
/// both are cheap. Nothing changes a data set in place.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset};
/// let data = Dataset::from_columns(
///     Columns::new()
///         .with("text", Column::strings(["good", "bad", "fine"]))
///         .with("label", Column::ints([1, 0, 1])),
/// )?;
/// let good = data.filter(|row| Ok(row.int("label")? == 1))?;
/// assert_eq!(good.num_rows(), 2);
/// assert_eq!(good.row(1)?.str("text")?, "fine");
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Dataset {
    columns: Arc<Columns>,
    /// The rows of the columns that are rows of the data set, where these are not all of them in order.
    chosen: Option<Arc<Vec<usize>>>,
    num_rows: usize,
}

impl Dataset {
    /// A data set of `columns`.
    ///
    /// # Errors
    /// [`Error::ColumnLength`] if the columns differ in length.
    pub fn from_columns(columns: Columns) -> Result<Self> {
        let num_rows = columns.num_rows()?;
        Ok(Self {
            columns: Arc::new(columns),
            chosen: None,
            num_rows,
        })
    }

    /// The number of rows.
    #[must_use]
    pub fn num_rows(&self) -> usize {
        self.num_rows
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.num_rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.num_rows == 0
    }

    /// The number of columns.
    #[must_use]
    pub fn num_columns(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns, in order.
    pub fn column_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name)
    }

    /// Whether there is a column called `name`.
    #[must_use]
    pub fn has_column(&self, name: &str) -> bool {
        self.columns.get(name).is_some()
    }

    /// The names and types of the columns, in order.
    #[must_use]
    pub fn features(&self) -> Features {
        self.columns()
            .map(|(name, column)| (name, column.feature().clone()))
            .collect()
    }

    /// One row.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`].
    pub fn row(&self, row: usize) -> Result<Row<'_>> {
        self.check_row(row)?;
        Ok(Row::new(self, row))
    }

    /// Some rows, in the given order.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`].
    pub fn rows<'a>(&'a self, rows: &'a [usize]) -> Result<Rows<'a>> {
        rows.iter().try_for_each(|row| self.check_row(*row))?;
        Ok(Rows::list(self, rows))
    }

    /// All rows, in order.
    #[must_use]
    pub fn all_rows(&self) -> Rows<'_> {
        Rows::range(self, 0..self.num_rows)
    }

    /// All rows, one after the other.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.num_rows).map(|row| Row::new(self, row))
    }

    /// The values of one column, in the order of the rows.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`]; [`Error::File`] where a mapped file is damaged.
    pub fn column(&self, name: &str) -> Result<Column> {
        let (_, column) = self.find(name)?;
        self.in_order(column.check()?)
    }

    /// The data set with all its rows copied into memory, in their order: nothing of a mapped file is needed any more.
    ///
    /// # Errors
    /// [`Error::File`] where a mapped file is damaged.
    pub fn in_memory(&self) -> Result<Self> {
        let rows = || (0..self.num_rows).map(|row| self.stored(row));
        let copies = self.columns().map(|(name, column)| {
            let copy = column.take(rows())?;
            Ok((name.to_owned(), copy))
        });
        Ok(Self {
            columns: Arc::new(copies.collect::<Result<_>>()?),
            chosen: None,
            num_rows: self.num_rows,
        })
    }

    /// What the rows and features are, in 64 hexadecimal digits: the same for data sets that are equal, wherever their rows lie
    /// and however they came about, and different ones for others.
    ///
    /// It is the SHA-256 of the Arrow stream that the rows would be written as; all of them are read.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset};
    /// let data = Dataset::from_columns(Columns::new().with("label", Column::ints([1, 0, 1])))?;
    /// assert_eq!(data.select(&[2, 1])?.fingerprint()?, data.select(&[0, 1])?.fingerprint()?);
    /// assert_ne!(data.select(&[1, 0])?.fingerprint()?, data.select(&[0, 1])?.fingerprint()?);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::File`] where a mapped file is damaged; [`Error::InvalidArgument`] for a row too large for Arrow, which holds
    /// no text or list of 2 GiB.
    pub fn fingerprint(&self) -> Result<String> {
        target::fingerprint(self)
    }

    /// `column`, which is one of the data set's, with its rows chosen and ordered as the data set's are.
    fn in_order(&self, column: &Column) -> Result<Column> {
        match &self.chosen {
            None => Ok(column.clone()),
            Some(chosen) => column.take(chosen.iter().copied()),
        }
    }

    pub(crate) fn columns(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&str, &Column)> + ExactSizeIterator {
        self.columns.iter()
    }

    pub(crate) fn find(&self, name: &str) -> Result<(&str, &Column)> {
        self.columns
            .entry(name)
            .ok_or_else(|| self.unknown_column(name))
    }

    /// The row of the stored columns that is row `row`.
    pub(crate) fn stored(&self, row: usize) -> usize {
        self.chosen.as_ref().map_or(row, |chosen| chosen[row])
    }

    fn unknown_column(&self, name: &str) -> Error {
        Error::UnknownColumn {
            name: name.to_owned(),
            present: self.column_names().map(str::to_owned).collect(),
        }
    }

    fn check_row(&self, row: usize) -> Result<()> {
        match row < self.num_rows {
            true => Ok(()),
            false => Err(Error::RowOutOfRange {
                row,
                num_rows: self.num_rows,
            }),
        }
    }
}

impl From<&Dataset> for Dataset {
    fn from(dataset: &Dataset) -> Self {
        dataset.clone()
    }
}

use std::{borrow::Cow, ops::Range};

use crate::{ColumnRows, Dataset, Error, Result};

/// A window on a data set: some of its rows, in an order.
///
/// This is what a [`MapRows`](crate::MapRows) and a [`Collate`](crate::Collate) are given.
#[derive(Clone)]
pub struct Rows<'a> {
    dataset: &'a Dataset,
    numbers: Numbers<'a>,
}

#[derive(Clone)]
enum Numbers<'a> {
    Range(Range<usize>),
    List(Cow<'a, [usize]>),
}

impl<'a> Rows<'a> {
    /// Rows `range`, which are all there; the callers see to that.
    pub(crate) fn range(dataset: &'a Dataset, range: Range<usize>) -> Self {
        let numbers = Numbers::Range(range);
        Self { dataset, numbers }
    }

    /// Rows `numbers`, which are all there; the callers see to that.
    pub(crate) fn list(dataset: &'a Dataset, numbers: impl Into<Cow<'a, [usize]>>) -> Self {
        let numbers = Numbers::List(numbers.into());
        Self { dataset, numbers }
    }

    /// The number of rows of the window.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Range(range) => range.len(),
            Numbers::List(list) => list.len(),
        }
    }

    /// Whether the window has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The data set.
    #[must_use]
    pub fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// The number in the data set of the window's `k`-th row, if it has so many.
    #[must_use]
    pub fn number(&self, k: usize) -> Option<usize> {
        match &self.numbers {
            Numbers::Range(range) => range.clone().nth(k),
            Numbers::List(list) => list.get(k).copied(),
        }
    }

    /// The names of the columns, in order.
    pub fn column_names(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        self.dataset.column_names()
    }

    /// Whether there is a column called `name`.
    #[must_use]
    pub fn has_column(&self, name: &str) -> bool {
        self.dataset.has_column(name)
    }

    /// The values of column `name` in this window.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] lists the columns there are.
    pub fn column(&self, name: &str) -> Result<ColumnRows<'_>> {
        let (name, column) = self.dataset.find(name)?;
        Ok(ColumnRows::new(self, name, column))
    }

    /// The first and the last row number, for messages.
    pub(crate) fn ends(&self) -> (usize, usize) {
        let last = self.len().saturating_sub(1);
        (self.number(0).unwrap_or(0), self.number(last).unwrap_or(0))
    }

    /// The row of the stored columns that is the window's `k`-th.
    pub(crate) fn stored(&self, k: usize) -> Result<usize> {
        let number = self.number(k).ok_or(Error::RowOutOfRange {
            row: k,
            num_rows: self.len(),
        })?;
        Ok(self.dataset.stored(number))
    }
}

/// The number of rows and the columns.
impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.column_names().collect();
        f.debug_struct("Rows")
            .field("len", &self.len())
            .field("columns", &names)
            .finish()
    }
}

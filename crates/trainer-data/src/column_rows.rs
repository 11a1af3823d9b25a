use std::borrow::Cow;

use crate::{Column, Feature, Result, Rows, Value, cell::Cell, column::ColumnReader};

/// The values of one column in a window of [`Rows`], read by type.
///
/// `k` counts the rows of the window from 0. Every read fails with [`Error::RowOutOfRange`](crate::Error::RowOutOfRange) past the end and with
/// [`Error::WrongType`](crate::Error::WrongType), which names column and row, for a value of another type; a missing value ("null") has no type.
pub struct ColumnRows<'a> {
    rows: &'a Rows<'a>,
    name: &'a str,
    column: &'a Column,
    reader: ColumnReader<'a>,
}

impl<'a> ColumnRows<'a> {
    pub(crate) fn new(rows: &'a Rows<'_>, name: &'a str, column: &'a Column) -> Self {
        Self {
            rows,
            name,
            column,
            reader: column.reader(),
        }
    }

    /// The name of the column.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The type of the column.
    #[must_use]
    pub fn feature(&self) -> &'a Feature {
        self.column.feature()
    }

    /// The number of rows of the window.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the window has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Any value.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn value(&self, k: usize) -> Result<Value> {
        self.reader.value(self.rows.stored(k)?)
    }

    /// Whether there is no value.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn is_null(&self, k: usize) -> Result<bool> {
        self.reader.is_null(self.rows.stored(k)?)
    }

    /// A truth value.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn bool(&self, k: usize) -> Result<bool> {
        self.read(k, |cell| cell.bool())
    }

    /// A whole number; class labels are, and truth values count as 0 and 1.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn int(&self, k: usize) -> Result<i64> {
        self.read(k, |cell| cell.int())
    }

    /// A number; whole numbers are converted.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn float(&self, k: usize) -> Result<f64> {
        self.read(k, |cell| cell.float())
    }

    /// Text.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn str(&self, k: usize) -> Result<&'a str> {
        self.read(k, |cell| cell.str())
    }

    /// A list of whole numbers, without copying where the column stores 64-bit ones.
    ///
    /// # Errors
    /// As the [type](Self) says; also for a list in which a value is missing.
    pub fn int_list(&self, k: usize) -> Result<Cow<'a, [i64]>> {
        self.read(k, |cell| cell.int_list())
    }

    /// A list of numbers, without copying where the column stores 64-bit floating-point ones.
    ///
    /// # Errors
    /// As the [type](Self) says; also for a list in which a value is missing.
    pub fn float_list(&self, k: usize) -> Result<Cow<'a, [f64]>> {
        self.read(k, |cell| cell.float_list())
    }

    /// A list of texts.
    ///
    /// # Errors
    /// As the [type](Self) says; also for a list in which a value is missing.
    pub fn str_list(&self, k: usize) -> Result<Vec<&'a str>> {
        self.read(k, |cell| cell.str_list())
    }

    /// How many elements a list has, missing ones included.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn list_len(&self, k: usize) -> Result<usize> {
        self.read(k, |cell| cell.list_len())
    }

    fn read<T>(&self, k: usize, read: impl FnOnce(&Cell<'_, 'a>) -> Result<T>) -> Result<T> {
        let found = self.reader.find(self.rows.stored(k)?)?;
        read(&Cell {
            name: self.name,
            feature: self.column.feature(),
            reader: found.reader(),
            at: found.at,
            row: self.rows.number(k),
        })
    }
}

impl std::fmt::Debug for ColumnRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ColumnRows({:?}, {}, {} rows)",
            self.name,
            self.feature(),
            self.len()
        )
    }
}

use std::borrow::Cow;

use crate::{Dataset, Result, Value, cell::Cell};

/// One row of a data set.
///
/// The reads by type fail with [`Error::UnknownColumn`](crate::Error::UnknownColumn), or with
/// [`Error::WrongType`](crate::Error::WrongType) for a value of another type; a missing value has no type. All fail with
/// [`Error::File`](crate::Error::File) where the row lies in a part of a mapped file that is damaged.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    dataset: &'a Dataset,
    number: usize,
}

impl<'a> Row<'a> {
    /// Row `number`, which is there; the callers see to that.
    pub(crate) fn new(dataset: &'a Dataset, number: usize) -> Self {
        Self { dataset, number }
    }

    /// The number of the row in its data set, from 0.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Names and values of all columns, in order.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn values(&self) -> Result<Vec<(&'a str, Value)>> {
        let at = self.dataset.stored(self.number);
        let columns = self.dataset.columns();
        let values = columns.map(|(name, column)| Ok((name, column.reader().value(at)?)));
        values.collect()
    }

    /// The value of column `name`.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn get(&self, name: &str) -> Result<Value> {
        let (_, column) = self.dataset.find(name)?;
        column.reader().value(self.dataset.stored(self.number))
    }

    /// Whether column `name` has no value here.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn is_null(&self, name: &str) -> Result<bool> {
        let (_, column) = self.dataset.find(name)?;
        column.reader().is_null(self.dataset.stored(self.number))
    }

    /// The truth value in column `name`.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn bool(&self, name: &str) -> Result<bool> {
        self.read(name, |cell| cell.bool())
    }

    /// The whole number in column `name`; class labels are, and truth values count as 0 and 1.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn int(&self, name: &str) -> Result<i64> {
        self.read(name, |cell| cell.int())
    }

    /// The number in column `name`; whole numbers are converted.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn float(&self, name: &str) -> Result<f64> {
        self.read(name, |cell| cell.float())
    }

    /// The text in column `name`.
    ///
    /// # Errors
    /// As the [type](Self) says.
    pub fn str(&self, name: &str) -> Result<&'a str> {
        self.read(name, |cell| cell.str())
    }

    /// The whole numbers of the list in column `name`.
    ///
    /// # Errors
    /// As the [type](Self) says; also for a list in which a value is missing.
    pub fn int_list(&self, name: &str) -> Result<Vec<i64>> {
        self.read(name, |cell| cell.int_list().map(Cow::into_owned))
    }

    /// The numbers of the list in column `name`.
    ///
    /// # Errors
    /// As the [type](Self) says; also for a list in which a value is missing.
    pub fn float_list(&self, name: &str) -> Result<Vec<f64>> {
        self.read(name, |cell| cell.float_list().map(Cow::into_owned))
    }

    fn read<T>(&self, name: &str, read: impl FnOnce(&Cell<'_, 'a>) -> Result<T>) -> Result<T> {
        let (name, column) = self.dataset.find(name)?;
        let reader = column.reader();
        let found = reader.find(self.dataset.stored(self.number))?;
        read(&Cell {
            name,
            feature: column.feature(),
            reader: found.reader(),
            at: found.at,
            row: Some(self.number),
        })
    }
}

/// As a Python dictionary is printed: `{"text": "a", "label": 1}`.
impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = match self.values() {
            Ok(values) => values,
            Err(error) => return write!(f, "<{error}>"),
        };
        let values = values.into_iter();
        let values = values.map(|(name, value)| (name.to_owned(), value));
        std::fmt::Display::fmt(&Value::Struct(values.collect()), f)
    }
}

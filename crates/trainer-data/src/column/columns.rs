use crate::{Column, Error, Result, named::Named};

/// Named columns, in order: what a [`MapRows`](crate::MapRows) gives back, and what a
/// [`Dataset`](crate::Dataset) is made from.
///
/// ```
/// use trainer_data::{Column, Columns};
/// let columns = Columns::new()
///     .with("text", Column::strings(["one", "two"]))
///     .with("label", Column::ints([0, 1]));
/// assert_eq!(columns.num_rows()?, 2);
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    columns: Named<Column>,
}

impl Columns {
    /// No columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These and `column` under `name`; one of that name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, column: Column) -> Self {
        self.insert(name, column);
        self
    }

    /// Adds `column` under `name`, replacing one of that name in its place.
    pub fn insert(&mut self, name: impl Into<String>, column: Column) {
        self.columns.insert(name.into(), column);
    }

    /// The column called `name`, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// The column called `name` with its name, if there is one.
    pub(crate) fn entry(&self, name: &str) -> Option<(&str, &Column)> {
        let at = self.columns.place(name)?;
        let (name, column) = &self.columns.entries()[at];
        Some((name, column))
    }

    /// Names and columns, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Column)> + ExactSizeIterator {
        self.columns
            .entries()
            .iter()
            .map(|(name, column)| (name.as_str(), column))
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.entries().len()
    }

    /// Whether there are no columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.entries().is_empty()
    }

    /// The number of rows, 0 if there are no columns.
    ///
    /// # Errors
    /// [`Error::ColumnLength`] if the columns differ in length.
    pub fn num_rows(&self) -> Result<usize> {
        let expected = self
            .columns
            .entries()
            .first()
            .map_or(0, |(_, column)| column.len());
        match self
            .columns
            .entries()
            .iter()
            .find(|(_, column)| column.len() != expected)
        {
            None => Ok(expected),
            Some((name, column)) => Err(Error::ColumnLength {
                name: name.clone(),
                expected,
                found: column.len(),
            }),
        }
    }
}

impl<S: Into<String>> FromIterator<(S, Column)> for Columns {
    fn from_iter<I: IntoIterator<Item = (S, Column)>>(columns: I) -> Self {
        let mut all = Self::new();
        for (name, column) in columns {
            all.insert(name, column);
        }
        all
    }
}

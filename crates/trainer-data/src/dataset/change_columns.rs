use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use super::Dataset;
use crate::{Column, Columns, Error, Feature, Result, Value, python_text};

impl Dataset {
    /// The same data set with column `from` called `to`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`], or [`Error::DuplicateColumn`] if `to` is there already.
    pub fn rename_column(&self, from: &str, to: &str) -> Result<Self> {
        self.find(from)?;
        if from != to && self.has_column(to) {
            return Err(Error::DuplicateColumn {
                name: to.to_owned(),
            });
        }
        let renamed = self.columns().map(|(name, column)| {
            let name = if name == from { to } else { name };
            (name, column.clone())
        });
        Ok(self.with_columns(renamed.collect()))
    }

    /// The same data set without `columns`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`].
    pub fn remove_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        let mut removed = HashSet::new();
        for name in columns {
            removed.insert(self.find(name.as_ref())?.0);
        }
        let kept = self.columns().filter(|(name, _)| !removed.contains(name));
        Ok(self.with_columns(kept.map(|(name, column)| (name, column.clone())).collect()))
    }

    /// The same data set with only `columns`, in the given order.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`], or [`Error::DuplicateColumn`] for a name that is given twice.
    pub fn select_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        let mut chosen = Columns::new();
        for name in columns {
            let (name, column) = self.find(name.as_ref())?;
            if chosen.get(name).is_some() {
                return Err(Error::DuplicateColumn {
                    name: name.to_owned(),
                });
            }
            chosen.insert(name, column.clone());
        }
        Ok(self.with_columns(chosen))
    }

    /// The same data set with one more column at the end.
    ///
    /// # Errors
    /// [`Error::DuplicateColumn`], or [`Error::ColumnLength`] if `column` has not one value for each row.
    pub fn add_column(&self, name: &str, column: Column) -> Result<Self> {
        if self.has_column(name) {
            return Err(Error::DuplicateColumn {
                name: name.to_owned(),
            });
        }
        if self.num_columns() > 0 && column.len() != self.num_rows {
            return Err(Error::ColumnLength {
                name: name.to_owned(),
                expected: self.num_rows,
                found: column.len(),
            });
        }
        let ordered = self
            .columns()
            .map(|(name, column)| Ok((name.to_owned(), self.in_order(column)?)));
        let mut columns: Columns = ordered.collect::<Result<_>>()?;
        let num_rows = column.len();
        columns.insert(name, column);
        Ok(Self {
            columns: Arc::new(columns),
            chosen: None,
            num_rows,
        })
    }

    /// The same data set with column `name` as `feature`; see [`Column::cast`].
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, Feature};
    /// let data = Dataset::from_columns(Columns::new().with("label", Column::ints([0, 1, -1])))?;
    /// let data = data.cast_column("label", &Feature::class_label(["no", "yes"]))?;
    /// assert_eq!(data.features().get("label").and_then(Feature::as_class_label).map(|l| l.num_classes()), Some(2));
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownColumn`]; [`Error::WrongType`] or [`Error::LabelOutOfRange`] for a value that cannot be
    /// converted.
    pub fn cast_column(&self, name: &str, feature: &Feature) -> Result<Self> {
        let column = self.column(name)?.cast_named(feature, name)?;
        self.replace(name, column)
    }

    /// The same data set with the texts, numbers or truth values of column `name` as class labels, the classes in the order of
    /// their texts: `10` before `9`, and `False` before `True`. Lists of texts or whole numbers become lists of class
    /// labels. A column of class labels
    /// stays as it is.
    ///
    /// For several splits [`DatasetDict::class_encode_column`](crate::DatasetDict::class_encode_column) numbers the classes of all
    /// alike.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`], or [`Error::WrongType`] for a column of something else.
    pub fn class_encode_column(&self, name: &str) -> Result<Self> {
        match self.column(name)?.feature().as_class_label() {
            Some(_) => Ok(self.clone()),
            None => self.class_encode_as(name, &Feature::class_label(self.class_names(name)?)),
        }
    }

    /// The same data set with the texts of column `name`, or its values as texts, as the class labels `classes`.
    pub(crate) fn class_encode_as(&self, name: &str, classes: &Feature) -> Result<Self> {
        let column = self.column(name)?;
        let classes = match column.feature() {
            Feature::List(_) => Feature::list(classes.clone()),
            _ => classes.clone(),
        };
        if column.feature().as_class_label().is_some() {
            return self.cast_column(name, &classes);
        }
        let labels = self.class_texts(name)?.cast_named(&classes, name)?;
        self.replace(name, labels)
    }

    /// The texts of a column, or its values as texts, each once: what would be the names of its classes.
    pub(crate) fn class_names(&self, name: &str) -> Result<BTreeSet<String>> {
        let texts = self.class_texts(name)?;
        let texts = texts.iter().flat_map(|value| match value {
            Value::List(values) => values,
            value => vec![value],
        });
        let text = |value: Value| value.as_str().map(str::to_owned);
        Ok(texts.filter_map(text).collect())
    }

    /// The values of a column as Python's `str` writes them.
    fn class_texts(&self, name: &str) -> Result<Column> {
        let column = self.column(name)?;
        match column.feature() {
            Feature::Bool => {
                let text = |value: Value| match value.as_bool() {
                    Some(value) => python_text::bool(value).into(),
                    None => Value::Null,
                };
                Column::values(&Feature::String, column.iter().map(text))
            }
            Feature::Null | Feature::String => column.cast_named(&Feature::String, name),
            Feature::List(element) if **element == Feature::String || element.is_int() => {
                column.cast_named(&Feature::list(Feature::String), name)
            }
            feature if feature.is_int() || feature.is_float() => {
                column.cast_named(&Feature::String, name)
            }
            other => Err(Error::WrongType {
                column: name.to_owned(),
                row: None,
                expected: "texts, lists of them, numbers or truth values".to_owned(),
                found: other.to_string(),
            }),
        }
    }

    /// `column`, which is in the order of the rows, in the place of the one called `name`.
    fn replace(&self, name: &str, replacement: Column) -> Result<Self> {
        let mut columns = Columns::new();
        for (have, column) in self.columns() {
            let column = if have == name {
                replacement.clone()
            } else {
                self.in_order(column)?
            };
            columns.insert(have, column);
        }
        Self::from_columns(columns)
    }

    /// The same rows of other stored columns, which have as many rows as the present ones.
    pub(super) fn with_columns(&self, columns: Columns) -> Self {
        Self {
            columns: Arc::new(columns),
            chosen: self.chosen.clone(),
            num_rows: self.num_rows,
        }
    }
}

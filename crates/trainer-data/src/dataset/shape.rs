use std::collections::HashSet;

use arrow2::array::{Array, StructArray};

use super::Dataset;
use crate::{Column, Columns, Error, Feature, Features, Result, Value, column::take_some};

impl Dataset {
    /// The same data set with all columns as `features` say, in their order; see [`Column::cast`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless `features` has the columns of the data set and no others; those of
    /// [`Self::cast_column`] for a value that cannot be converted.
    pub fn cast(&self, features: &Features) -> Result<Self> {
        let unknown = features.names().find(|name| !self.has_column(name));
        let missing = self
            .column_names()
            .find(|name| features.get(name).is_none());
        if let Some(name) = unknown.or(missing) {
            return Err(Error::InvalidArgument {
                name: "features",
                message: format!(
                    "column {name:?} is only in one of them: the data set has {}, the features are {features}",
                    self.features()
                ),
            });
        }
        let mut columns = Columns::new();
        for (name, feature) in features.iter() {
            columns.insert(name, self.column(name)?.cast_named(feature, name)?);
        }
        Self::from_columns(columns)
    }

    /// The same data set with each column that `names` has as the first of a pair called by the second.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`], and [`Error::DuplicateColumn`] where two columns would have one name.
    pub fn rename_columns<S: AsRef<str>>(&self, names: &[(S, S)]) -> Result<Self> {
        for (from, _) in names {
            self.find(from.as_ref())?;
        }
        let mut renamed = Columns::new();
        for (name, column) in self.columns() {
            let new = names.iter().find(|(from, _)| from.as_ref() == name);
            let name = new.map_or(name, |(_, to)| to.as_ref());
            if renamed.get(name).is_some() {
                return Err(Error::DuplicateColumn {
                    name: name.to_owned(),
                });
            }
            renamed.insert(name, column.clone());
        }
        Ok(self.with_columns(renamed))
    }

    /// The same data set with the fields of structs as columns, `answers.text` for the field `text` of a column `answers`, as
    /// deep as they go.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, Feature, Features, Value};
    /// let fields = Feature::Struct(Features::new().with("text", Feature::String));
    /// let row = Value::Struct(vec![("text".to_owned(), "a".into())]);
    /// let data = Dataset::from_columns(Columns::new().with("answers", Column::values(&fields, [row])?))?;
    /// assert_eq!(data.flatten()?.column_names().collect::<Vec<_>>(), ["answers.text"]);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DuplicateColumn`] where a column has the name that a field would get.
    pub fn flatten(&self) -> Result<Self> {
        let mut flat = Columns::new();
        // The next column is the last one.
        let columns = self.columns().rev();
        let mut open: Vec<(String, Column)> = columns
            .map(|(name, column)| (name.to_owned(), column.clone()))
            .collect();
        while let Some((name, column)) = open.pop() {
            match fields(&column)? {
                Some(fields) => {
                    let fields = fields.into_iter().rev();
                    open.extend(fields.map(|(field, column)| (format!("{name}.{field}"), column)));
                }
                None if flat.get(&name).is_some() => return Err(Error::DuplicateColumn { name }),
                None => flat.insert(name, column),
            }
        }
        Ok(self.with_columns(flat))
    }

    /// The values of column `name`, each once, in the order in which they come first; a missing one is one of them.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`].
    pub fn unique(&self, name: &str) -> Result<Vec<Value>> {
        let mut seen = HashSet::new();
        // Numbers of one column are equal when they are written alike.
        let values = self.column(name)?;
        Ok(values
            .iter()
            .filter(|value| seen.insert(value.to_string()))
            .collect())
    }
}

/// The fields of a column of structs that has some; where a struct is missing its fields are.
fn fields(column: &Column) -> Result<Option<Vec<(String, Column)>>> {
    let Feature::Struct(features) = column.feature() else {
        return Ok(None);
    };
    let array = column.in_memory()?;
    let Some(array) = array.as_any().downcast_ref::<StructArray>() else {
        return Ok(None);
    };
    let fields = features.iter().zip(array.values());
    let fields = fields.map(|((name, feature), values)| {
        let values = match array.null_count() {
            0 => values.clone(),
            _ => {
                let rows = (0..array.len()).map(|row| array.is_valid(row).then_some(row));
                take_some(values.as_ref(), rows)
            }
        };
        (name.to_owned(), Column::of(feature.clone(), values))
    });
    Ok(Some(fields.collect()))
}

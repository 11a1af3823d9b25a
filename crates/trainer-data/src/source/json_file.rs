use std::{
    ops::ControlFlow::{Break, Continue},
    path::Path,
};

use serde_json::{Map, Value as Json};

use super::{
    apache::Budget,
    json_kinds::Kind,
    json_rows::{each, each_until},
    json_scan::{special, written},
    streamed::{Give, Room},
    table::{damaged, unreadable},
};
use crate::{
    Column, ColumnBuilder, Columns, Error, Feature, Features, Result, Value, column::convert,
    named::Named,
};

/// The features of all columns of `files`, whose rows may stand in `field`, by the values of all rows. Columns that
/// `declared` has are left out.
pub(crate) fn infer(files: &[&Path], field: Option<&str>, declared: &Features) -> Result<Features> {
    infer_of(files, (field, u64::MAX), declared)
}

/// [`infer`] by the rows in the first so many bytes of each file.
pub(crate) fn infer_of(
    files: &[&Path],
    (field, bytes): (Option<&str>, u64),
    declared: &Features,
) -> Result<Features> {
    let mut found: Named<Kind> = Named::default();
    for path in files {
        each_until(path, (field, bytes), &mut |_, row| {
            for (name, value) in row {
                if let Some(kind) = found.get_mut(name) {
                    kind.see(value);
                } else if declared.get(name).is_none() {
                    let mut kind = Kind::default();
                    kind.see(value);
                    found.insert(name.clone(), kind);
                }
            }
            Ok(Continue(()))
        })?;
    }
    let found = found.entries().iter();
    Ok(found
        .map(|(name, kind)| (name.as_str(), kind.feature()))
        .collect())
}

/// The columns of a file, with the features of `features`, which has them all. A row may lack any.
pub(crate) fn read(path: &Path, field: Option<&str>, features: &Features) -> Result<Columns> {
    let mut rows = RowColumns::new(path, features)?;
    each(path, field, |line, row| rows.push(line, row))?;
    rows.finish()
}

/// Gives the rows of a file to `give`, some at a time, each time with all columns of `features`; the first `skip` rows are passed over.
pub(crate) fn each_batch(
    path: &Path,
    field: Option<&str>,
    features: &Features,
    skip: &mut u64,
    give: Give<'_>,
) -> Result<()> {
    let mut rows = RowColumns::new(path, features)?;
    let mut room = Room::default();
    let mut stopped = false;
    each_until(path, (field, u64::MAX), &mut |line, row| {
        if *skip > 0 {
            *skip -= 1;
            return Ok(Continue(()));
        }
        let unknown = row.keys().find(|name| features.get(name).is_none());
        if let Some(error) = unknown.and_then(|name| features.require(name).err()) {
            return Err(malformed(path, line, error));
        }
        rows.push(line, row)?;
        // Values that the row lacks take room in their columns, too; less of it counts, since columns of few rows are slow.
        if room.is_full(row.values().map(size).sum::<usize>() + features.len() / 4) {
            let next = RowColumns::new(path, features)?;
            let batch = std::mem::replace(&mut rows, next).finish_all()?;
            stopped = give(batch)?.is_break();
        }
        Ok(if stopped { Break(()) } else { Continue(()) })
    })?;
    if !stopped {
        let _ = give(rows.finish_all()?)?;
    }
    Ok(())
}

/// About how many bytes a value has.
fn size(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        Json::Array(values) => values.iter().map(size).sum(),
        Json::Object(fields) => fields.values().map(size).sum(),
        _ => size_of::<i64>(),
    }
}

/// The columns of rows that may lack any.
struct RowColumns<'a> {
    path: &'a Path,
    features: &'a Features,
    /// What they may take. A few rows of many fields each of its own stand for many values that are missing.
    budget: Budget,
    columns: Named<ColumnBuilder>,
    rows: usize,
}

impl<'a> RowColumns<'a> {
    fn new(path: &'a Path, features: &'a Features) -> Result<Self> {
        let found = path.metadata();
        let length = found.map_err(|source| unreadable(path, source))?.len();
        Ok(Self {
            path,
            features,
            budget: Budget::of_file(length),
            columns: Named::default(),
            rows: 0,
        })
    }

    fn push(&mut self, line: u64, row: &Map<String, Json>) -> Result<()> {
        for (name, value) in row {
            let feature = self.features.require(name)?;
            if self.columns.get(name).is_none() {
                self.columns
                    .insert(name.clone(), ColumnBuilder::new(feature));
                self.check_size(self.columns.entries().len())?;
            }
            let Some(column) = self.columns.get_mut(name) else {
                continue;
            };
            // Rows before that lack the column.
            column.push_nulls(self.rows - column.len());
            let pushed = column.push(&of_json(value, feature));
            pushed.map_err(|refused| malformed(self.path, line, refused.at(name, None)))?;
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> Result<Columns> {
        let rows = self.rows;
        if rows > 0 && self.columns.entries().is_empty() {
            return Err(Error::File {
                path: self.path.to_owned(),
                message: format!("none of its {rows} rows has a column"),
                source: None,
            });
        }
        self.check_size(self.columns.entries().len())?;
        let columns = self.columns.into_vec().into_iter();
        let columns = columns.map(|(name, mut column)| {
            column.push_nulls(rows - column.len());
            (name, column.finish())
        });
        Ok(columns.collect())
    }

    /// All columns, of which no row may have had one.
    fn finish_all(self) -> Result<Columns> {
        let (rows, features) = (self.rows, self.features);
        self.check_size(features.len())?;
        let mut found = match self.columns.entries().is_empty() {
            true => Columns::new(),
            false => self.finish()?,
        };
        for (name, feature) in features.iter() {
            if found.get(name).is_none() {
                found.insert(name, Column::nulls(feature, rows));
            }
        }
        Ok(found)
    }

    /// Whether there may be so many columns of the rows until now.
    fn check_size(&self, columns: usize) -> Result<()> {
        let rows = self.rows;
        let mut budget = self.budget;
        budget
            .take(rows.saturating_mul(columns), size_of::<i64>())
            .map_err(|message| {
                let message = format!("{rows} rows of {columns} columns: {message}");
                damaged(self.path, message)
            })
    }
}

fn malformed(path: &Path, line: u64, error: Error) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line,
        message: error.to_string(),
        source: Some(error.into()),
    }
}

/// `value` where a column of `feature` is read; as it is where there is no conversion.
fn of_json(value: &Json, feature: &Feature) -> Value {
    match (value, feature) {
        (Json::Null, _) => Value::Null,
        (value, Feature::Json) => Value::Str(written(value)),
        // A declared text may be an object, which Python too writes as JSON.
        (object @ Json::Object(_), Feature::String) => Value::Str(written(object)),
        (Json::Array(values), Feature::List(element)) => {
            Value::List(values.iter().map(|value| of_json(value, element)).collect())
        }
        (Json::Object(fields), Feature::Struct(features)) => {
            let fields = fields.iter().map(|(name, value)| {
                let feature = features.get(name).unwrap_or(&Feature::Null);
                (name.clone(), of_json(value, feature))
            });
            Value::Struct(fields.collect())
        }
        (value, feature) => convert(plain(value), &Feature::Null, feature),
    }
}

fn plain(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Value::Int(value),
            (None, Some(value)) => Value::UInt(value),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => special(text).map_or_else(|| text.as_str().into(), Value::Float),
        Json::Array(values) => Value::List(values.iter().map(plain).collect()),
        Json::Object(fields) => Value::Struct(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
        ),
    }
}

use std::path::Path;

use serde_json::Value as Json;

use super::{
    apache::Budget,
    json_kinds::Kind,
    json_rows::each,
    json_scan::{special, written},
    table::{damaged, unreadable},
};
use crate::{
    ColumnBuilder, Columns, Error, Feature, Features, Result, Value, column::convert, named::Named,
};

/// The features of all columns of `files`, whose rows may stand in `field`, by the values of all rows. Columns that
/// `declared` has are left out.
pub(crate) fn infer(files: &[&Path], field: Option<&str>, declared: &Features) -> Result<Features> {
    let mut found: Named<Kind> = Named::default();
    for path in files {
        each(path, field, &mut |_, row| {
            for (name, value) in row {
                if let Some(kind) = found.get_mut(name) {
                    kind.see(value);
                } else if declared.get(name).is_none() {
                    let mut kind = Kind::default();
                    kind.see(value);
                    found.insert(name.clone(), kind);
                }
            }
            Ok(())
        })?;
    }
    let found = found.entries().iter();
    Ok(found
        .map(|(name, kind)| (name.as_str(), kind.feature()))
        .collect())
}

/// The columns of a file, with the features of `features`, which has them all. A row may lack any.
pub(crate) fn read(path: &Path, field: Option<&str>, features: &Features) -> Result<Columns> {
    let mut columns: Named<ColumnBuilder> = Named::default();
    let mut rows = 0_usize;
    each(path, field, &mut |line, row| {
        for (name, value) in row {
            let feature = features.require(name)?;
            if columns.get(name).is_none() {
                columns.insert(name.clone(), ColumnBuilder::new(feature));
            }
            let Some(column) = columns.get_mut(name) else {
                continue;
            };
            // Rows before that lack the column.
            column.push_nulls(rows - column.len());
            column.push(&of_json(value, feature)).map_err(|refused| {
                let error = refused.at(name, None);
                Error::Malformed {
                    path: path.to_owned(),
                    line,
                    message: error.to_string(),
                    source: Some(error.into()),
                }
            })?;
        }
        rows += 1;
        Ok(())
    })?;
    if rows > 0 && columns.entries().is_empty() {
        return Err(Error::File {
            path: path.to_owned(),
            message: format!("none of its {rows} rows has a column"),
            source: None,
        });
    }
    check_size(path, rows, columns.entries().len())?;
    let columns = columns.into_vec().into_iter().map(|(name, mut column)| {
        column.push_nulls(rows - column.len());
        (name, column.finish())
    });
    Ok(columns.collect())
}

/// A few rows of many fields each of its own stand for many values that are missing.
fn check_size(path: &Path, rows: usize, columns: usize) -> Result<()> {
    let length = path
        .metadata()
        .map_err(|source| unreadable(path, source))?
        .len();
    Budget::of_file(length)
        .take(rows.saturating_mul(columns), size_of::<i64>())
        .map_err(|message| damaged(path, format!("{rows} rows of {columns} columns: {message}")))
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

use std::path::Path;

use serde_json::Value as Json;

use super::{json_rows::each, table::wider};
use crate::{ColumnBuilder, Columns, Error, Feature, Features, Result, Value, column::convert};

/// The features of all columns of `files`, whose rows may stand in `field`, by the values of all rows. Columns that
/// `declared` has are left out.
pub(crate) fn infer(files: &[&Path], field: Option<&str>, declared: &Features) -> Result<Features> {
    let mut found = Features::new();
    for path in files {
        each(path, field, &mut |line, row| {
            for (name, value) in row.iter().filter(|(name, _)| declared.get(name).is_none()) {
                let feature = feature(value).map_err(|why| malformed(path, line, name, &why))?;
                let Some(have) = found.get(name) else {
                    found.insert(name, feature);
                    continue;
                };
                if *have != feature {
                    let why = || {
                        format!(
                            "{have} in the rows before, {feature} here: {}",
                            from_json(value).excerpt()
                        )
                    };
                    let both =
                        wider(have, &feature).ok_or_else(|| malformed(path, line, name, &why()))?;
                    found.insert(name, both);
                }
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// The columns of a file, with the features of `features`, which has them all. A row may lack any.
pub(crate) fn read(path: &Path, field: Option<&str>, features: &Features) -> Result<Columns> {
    let mut columns: Vec<(String, ColumnBuilder)> = Vec::new();
    let mut rows = 0_usize;
    each(path, field, &mut |line, row| {
        for name in row.keys() {
            if !columns.iter().any(|(have, _)| have == name) {
                let mut column = ColumnBuilder::new(features.require(name)?);
                column.push_nulls(rows);
                columns.push((name.clone(), column));
            }
        }
        for (name, column) in &mut columns {
            let feature = features.require(name)?;
            let value = match (row.get(name.as_str()), feature) {
                // A declared text may be an object, which Python too writes as JSON.
                (Some(object @ Json::Object(_)), Feature::String) => Value::Str(object.to_string()),
                (Some(value), Feature::Json) if !value.is_null() => Value::Str(value.to_string()),
                (value, _) => value.map_or(Value::Null, from_json),
            };
            let value = convert(value, &Feature::Null, feature);
            column.push(&value).map_err(|refused| {
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
    if rows > 0 && columns.is_empty() {
        return Err(Error::File {
            path: path.to_owned(),
            message: format!("none of its {rows} rows has a column"),
            source: None,
        });
    }
    Ok(columns
        .into_iter()
        .map(|(name, column)| (name, column.finish()))
        .collect())
}

fn malformed(path: &Path, line: u64, column: &str, why: &str) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line,
        message: format!("column {column:?}: {why}"),
        source: None,
    }
}

/// The narrowest feature of one value.
fn feature(value: &Json) -> Result<Feature, String> {
    Ok(match value {
        Json::Null => Feature::Null,
        Json::Bool(_) => Feature::Bool,
        Json::Number(number) if number.is_i64() => Feature::Int64,
        Json::Number(number) if number.is_u64() => {
            return Err(format!("{number} does not fit a 64-bit whole number"));
        }
        Json::Number(_) => Feature::Float64,
        Json::String(_) => Feature::String,
        Json::Array(values) => {
            let mut element = Feature::Null;
            for value in values {
                let next = feature(value)?;
                element = wider(&element, &next).ok_or_else(|| {
                    format!(
                        "a list of {element} and {next}: {}",
                        from_json(value).excerpt()
                    )
                })?;
            }
            Feature::list(element)
        }
        // Arrow has no struct without fields, so an empty object counts as no value.
        Json::Object(fields) if fields.is_empty() => Feature::Null,
        Json::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| Ok((name.as_str(), feature(value)?)));
            Feature::Struct(fields.collect::<Result<_, String>>()?)
        }
    })
}

fn from_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(values) => Value::List(values.iter().map(from_json).collect()),
        Json::Object(fields) if fields.is_empty() => Value::Null,
        Json::Object(fields) => Value::Struct(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), from_json(value)))
                .collect(),
        ),
    }
}

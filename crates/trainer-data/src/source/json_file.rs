use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::{
    json_elements::elements,
    table::{unreadable, wider},
    text_file::each_line,
};
use crate::{ColumnBuilder, Columns, Error, Feature, Features, Result, Value, column::convert};

/// The features of all columns of `files`, by the values of all rows. Columns that `declared` has are left out.
pub(crate) fn infer(files: &[(&PathBuf, bool)], declared: &Features) -> Result<Features> {
    let mut found = Features::new();
    for (path, by_line) in files {
        each(path, *by_line, |line, row| {
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
pub(crate) fn read(path: &Path, by_line: bool, features: &Features) -> Result<Columns> {
    let mut columns: Vec<(String, ColumnBuilder)> = Vec::new();
    let mut rows = 0_usize;
    each(path, by_line, |line, row| {
        for name in row.keys() {
            if !columns.iter().any(|(have, _)| have == name) {
                let mut column = ColumnBuilder::new(features.require(name)?);
                column.push_nulls(rows);
                columns.push((name.clone(), column));
            }
        }
        for (name, column) in &mut columns {
            let value = row.get(name.as_str()).map_or(Value::Null, from_json);
            let value = convert(value, &Feature::Null, features.require(name)?);
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
    Ok(columns
        .into_iter()
        .map(|(name, column)| (name, column.finish()))
        .collect())
}

/// Calls `take` with the line and the fields of every row.
fn each(
    path: &Path,
    by_line: bool,
    mut take: impl FnMut(u64, &Map<String, Json>) -> Result<()>,
) -> Result<()> {
    let mut row = |line: u64, text: &str| match serde_json::from_str(text) {
        Ok(Json::Object(row)) => take(line, &row),
        Ok(_) => Err(Error::Malformed {
            path: path.to_owned(),
            line,
            message: "a row must be a JSON object, {\"column\": value, …}".to_owned(),
            source: None,
        }),
        Err(source) => Err(Error::Malformed {
            path: path.to_owned(),
            line: line + (source.line() as u64).saturating_sub(1),
            message: format!("not JSON: {source}"),
            source: Some(source.into()),
        }),
    };
    if by_line {
        return each_line(path, |line, text| match text.trim().is_empty() {
            true => Ok(()),
            false => row(line, text),
        });
    }
    let bytes = std::fs::read(path).map_err(|source| unreadable(path, source))?;
    let text = String::from_utf8(bytes).map_err(|source| Error::File {
        path: path.to_owned(),
        message: "the file is not UTF-8".to_owned(),
        source: Some(source.into()),
    })?;
    elements(path, &text)?
        .into_iter()
        .try_for_each(|(line, text)| row(line, text))
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

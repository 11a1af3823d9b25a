use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use arrow2::{array::Array, chunk::Chunk, datatypes::Schema, error::Error as ArrowError};

use super::{declared, normalise};
use crate::{BoxError, Columns, Error, Feature, Features, Result, column::concatenate, panics};

/// The columns of an Arrow or parquet file from its `chunks`, typed by the metadata that Python's `datasets` left in it.
pub(crate) fn from_chunks(
    path: &Path,
    schema: &Schema,
    chunks: impl Iterator<Item = Result<Chunk<Box<dyn Array>>, ArrowError>>,
) -> Result<Columns> {
    let mut parts = vec![Vec::new(); schema.fields.len()];
    for chunk in chunks {
        let chunk = chunk.map_err(|source| damaged(path, source))?;
        for ((array, parts), field) in chunk.arrays().iter().zip(&mut parts).zip(&schema.fields) {
            let column = normalise::column(array.as_ref())
                .map_err(|found| unsupported(path, &field.name, &found))?;
            parts.push(column);
        }
    }
    let mut columns = Columns::new();
    for (mut parts, field) in parts.into_iter().zip(&schema.fields) {
        if columns.get(&field.name).is_some() {
            return Err(in_file(
                path,
                Error::DuplicateColumn {
                    name: field.name.clone(),
                },
            ));
        }
        if parts.is_empty() {
            let empty = arrow2::array::new_empty_array(field.data_type.clone());
            parts.push(
                normalise::column(empty.as_ref())
                    .map_err(|found| unsupported(path, &field.name, &found))?,
            );
        }
        columns.insert(
            &field.name,
            concatenate(&parts).unwrap_or_else(|| parts.swap_remove(0)),
        );
    }
    match schema.metadata.get("huggingface") {
        Some(metadata) => typed(path, columns, &declared::from_metadata(metadata)),
        None => Ok(columns),
    }
}

/// `columns` of `path` with the features that are declared for them.
pub(crate) fn typed(path: &Path, columns: Columns, declared: &Features) -> Result<Columns> {
    let mut typed = Columns::new();
    for (name, column) in columns.iter() {
        let column = match declared.get(name) {
            Some(feature) => column
                .cast_named(feature, name)
                .map_err(|source| in_file(path, source))?,
            None => column.clone(),
        };
        typed.insert(name, column);
    }
    Ok(typed)
}

/// `columns` of `path` in the order and with the features of the files before it.
pub(crate) fn alike(path: &Path, columns: &Columns, first: &Columns) -> Result<Columns> {
    let names = |columns: &Columns| {
        columns
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if columns.len() != first.len() || first.iter().any(|(name, _)| columns.get(name).is_none()) {
        return Err(Error::File {
            path: path.to_owned(),
            message: format!(
                "its columns are {}, but {} in the files of the split before it",
                names(columns),
                names(first)
            ),
            source: None,
        });
    }
    let mut alike = Columns::new();
    for (name, head) in first.iter() {
        if let Some(column) = columns.get(name) {
            alike.insert(
                name,
                column
                    .cast_named(head.feature(), name)
                    .map_err(|source| in_file(path, source))?,
            );
        }
    }
    Ok(alike)
}

/// The feature in which both `one` and `other` fit, if there is one.
pub(crate) fn wider(one: &Feature, other: &Feature) -> Option<Feature> {
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (Feature::Null, feature) | (feature, Feature::Null) => Some(feature.clone()),
        (Feature::Int32, Feature::Int64) | (Feature::Int64, Feature::Int32) => Some(Feature::Int64),
        (one, other)
            if (one.is_int() || one.is_float()) && (other.is_int() || other.is_float()) =>
        {
            (one.is_float() || other.is_float()).then_some(Feature::Float64)
        }
        (Feature::List(one), Feature::List(other)) => wider(one, other).map(Feature::list),
        (Feature::Struct(one), Feature::Struct(other)) => {
            let mut fields = one.clone();
            for (name, feature) in other.iter() {
                let feature = match one.get(name) {
                    Some(have) => wider(have, feature)?,
                    None => feature.clone(),
                };
                fields.insert(name, feature);
            }
            Some(Feature::Struct(fields))
        }
        _ => None,
    }
}

/// Reads with a parser that may panic on a damaged file; then that is an error as others are.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(damaged(path, panics::message(panic.as_ref()))))
}

/// The file is not what its name says.
pub(crate) fn damaged(path: &Path, source: impl Into<BoxError>) -> Error {
    let source = source.into();
    let what = match source.downcast_ref() {
        Some(ArrowError::NotYetImplemented(_)) => "the file uses what is not supported",
        _ => "the file is damaged or of another format",
    };
    Error::File {
        path: path.to_owned(),
        message: format!("{what}: {source}"),
        source: Some(source),
    }
}

/// The file cannot be opened or read.
pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        source,
    }
}

/// The file is not JSON.
pub(crate) fn not_json(path: &Path, source: serde_json::Error) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line: source.line() as u64,
        message: format!("not JSON: {source}"),
        source: Some(source.into()),
    }
}

/// `error` with the file in which it arose.
pub(crate) fn in_file(path: &Path, error: Error) -> Error {
    Error::File {
        path: path.to_owned(),
        message: error.to_string(),
        source: Some(error.into()),
    }
}

fn unsupported(path: &Path, column: &str, found: &str) -> Error {
    Error::File {
        path: path.to_owned(),
        message: format!("column {column:?} has the Arrow type {found}, which is not supported"),
        source: None,
    }
}

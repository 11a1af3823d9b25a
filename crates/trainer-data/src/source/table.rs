use std::{collections::HashSet, path::Path};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use parquet::errors::ParquetError;

use super::{
    apache::{Budget, Growing, check_size, feature},
    declared,
};
use crate::{BoxError, Column, Columns, Error, Feature, Features, Result, caught};

/// The columns of an Arrow or parquet file, as they are read.
pub(crate) struct Table<'a> {
    path: &'a Path,
    /// Where in the file the columns are that are read, their names and what was read.
    places: Vec<usize>,
    columns: Vec<(String, Growing)>,
    /// What Python's `datasets` left in the file.
    metadata: Option<String>,
    rows: usize,
}

impl<'a> Table<'a> {
    /// The columns of `schema`; of them `wanted` alone, if there is such a list.
    ///
    /// # Errors
    /// Names a column that is wanted and not there, or there twice, or of a type that is not supported.
    pub(crate) fn new(path: &'a Path, schema: &Schema, wanted: Option<&[String]>) -> Result<Self> {
        let mut table = Self {
            path,
            places: Vec::new(),
            columns: Vec::new(),
            metadata: schema.metadata().get("huggingface").cloned(),
            rows: 0,
        };
        for (place, name, feature) in chosen(path, schema, wanted)? {
            table.places.push(place);
            table.columns.push((name, Growing::new(&feature)));
        }
        Ok(table)
    }

    /// Where in the file the columns are that are read.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// Adds the rows of `batch`, which has the columns at [`Self::places`].
    pub(crate) fn append(&mut self, batch: &RecordBatch, budget: &mut Budget) -> Result<()> {
        self.rows += batch.num_rows();
        for ((name, column), array) in self.columns.iter_mut().zip(batch.columns()) {
            column
                .append(array.as_ref(), budget)
                .map_err(|message| damaged(self.path, format!("column {name:?}: {message}")))?;
        }
        Ok(())
    }

    /// The columns, typed by what Python's `datasets` left in the file, which may say how many `rows` it has.
    pub(crate) fn finish(self, rows: Option<i64>) -> Result<Columns> {
        if let Some(said) = rows
            && i64::try_from(self.rows) != Ok(said)
        {
            let message = format!("it has {} rows where it says {said}", self.rows);
            return Err(damaged(self.path, message));
        }
        let mut columns = Columns::new();
        for (name, column) in self.columns {
            let column = column
                .finish()
                .map_err(|message| damaged(self.path, format!("column {name:?}: {message}")))?;
            columns.insert(name, column);
        }
        if let Some(metadata) = self.metadata {
            columns = typed(self.path, columns, &declared::from_metadata(&metadata))?;
        }
        Ok(columns)
    }
}

/// Where the columns of `schema` are that are read, their names and features: all, or those that are `wanted`.
///
/// # Errors
/// Names a column that is wanted and not there, or there twice, or of a type that is not supported.
pub(crate) fn chosen(
    path: &Path,
    schema: &Schema,
    wanted: Option<&[String]>,
) -> Result<Vec<(usize, String, Feature)>> {
    check_size(schema).map_err(|message| damaged(path, message))?;
    let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    let known: HashSet<&String> = names.iter().copied().collect();
    if let Some(name) = wanted
        .into_iter()
        .flatten()
        .find(|name| !known.contains(name))
    {
        let name = name.clone();
        let present = names.into_iter().cloned().collect();
        return Err(in_file(path, Error::UnknownColumn { name, present }));
    }
    let mut chosen = Vec::new();
    let mut seen = HashSet::new();
    for (place, field) in schema.fields().iter().enumerate() {
        let name = field.name();
        if wanted.is_some_and(|wanted| !wanted.contains(name)) {
            continue;
        }
        if !seen.insert(name) {
            return Err(in_file(path, Error::DuplicateColumn { name: name.clone() }));
        }
        let feature = feature(field).map_err(|found| unsupported(path, name, &found))?;
        chosen.push((place, name.clone(), feature));
    }
    Ok(chosen)
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

/// `columns` of `path` in the order and with the features of the files before it, which it may lack where
/// `may_lack`.
pub(crate) fn alike(
    path: &Path,
    columns: &Columns,
    first: &Columns,
    may_lack: bool,
) -> Result<Columns> {
    let names = |columns: &Columns| {
        columns
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let is_short = columns.len() < first.len() && !may_lack;
    if is_short || columns.iter().any(|(name, _)| first.get(name).is_none()) {
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
    let rows = columns.num_rows().map_err(|source| in_file(path, source))?;
    let mut alike = Columns::new();
    for (name, head) in first.iter() {
        let column = match columns.get(name) {
            Some(column) => column
                .cast_named(head.feature(), name)
                .map_err(|source| in_file(path, source))?,
            None => Column::nulls(head.feature(), rows),
        };
        alike.insert(name, column);
    }
    Ok(alike)
}

/// The feature in which both `one` and `other` fit, if there is one.
pub(crate) fn wider(one: &Feature, other: &Feature) -> Option<Feature> {
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (Feature::Null, feature) | (feature, Feature::Null) => Some(feature.clone()),
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
    caught(read).unwrap_or_else(|panic| Err(damaged(path, panic)))
}

/// The file is not what its name says.
pub(crate) fn damaged(path: &Path, source: impl Into<BoxError>) -> Error {
    let source = source.into();
    let is_missing = matches!(
        source.downcast_ref(),
        Some(ArrowError::NotYetImplemented(_))
    ) || matches!(source.downcast_ref(), Some(ParquetError::NYI(_)));
    let what = match is_missing {
        true => "the file uses what is not supported",
        false => "the file is damaged or of another format",
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
        message: format!(
            "column {column:?} has the Arrow type {found}, which is not supported; DatasetLoader::columns leaves it out"
        ),
        source: None,
    }
}

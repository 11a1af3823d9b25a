use std::path::{Path, PathBuf};

use super::{
    arrow_file, csv_file,
    format::{ENDINGS, Format},
    json_file, parquet_file,
    table::{alike, in_file, typed, wider},
    text_file,
};
use crate::{
    Column, Columns, Dataset, DatasetDict, Error, Features, Result, Value, column::concatenate,
};

/// The data set of each split's files, one after the other.
///
/// A column that `declared` has is of that type, and is there, without values, where a file does not have it. Of other
/// columns of text files the types are found over all rows of all splits.
pub(crate) fn load_splits(
    splits: &[(String, Vec<PathBuf>)],
    declared: &Features,
) -> Result<DatasetDict> {
    let mut with_format = Vec::new();
    for (split, files) in splits {
        let files: Vec<(&PathBuf, Format)> = files
            .iter()
            .map(|file| Ok((file, format(file)?)))
            .collect::<Result<_>>()?;
        with_format.push((split, files));
    }
    let all: Vec<(&PathBuf, Format)> = with_format
        .iter()
        .flat_map(|(_, files)| files.iter().copied())
        .collect();
    let features = text_features(&all, declared)?;
    let mut dict = DatasetDict::new();
    for (split, files) in with_format {
        let mut parts: Vec<Columns> = Vec::new();
        for (file, format) in files {
            let columns = read(file, format, &features)?;
            let columns = complete(file, columns, declared)?;
            match parts.first() {
                // A file without rows may not say which columns it has.
                Some(_) if columns.is_empty() => {}
                Some(first) if !first.is_empty() => parts.push(alike(file, &columns, first)?),
                _ => parts = vec![columns],
            }
        }
        dict.insert(split, Dataset::from_columns(join(&parts))?);
    }
    Ok(dict)
}

/// The types of all columns of text files: as declared, or else as their values are.
fn text_features(files: &[(&PathBuf, Format)], declared: &Features) -> Result<Features> {
    let mut csv = Vec::new();
    let mut json = Vec::new();
    for (file, format) in files {
        match format {
            Format::Csv | Format::Tsv => csv.push((*file, delimiter(*format))),
            Format::JsonLines | Format::Json => json.push((*file, *format == Format::JsonLines)),
            Format::Parquet | Format::Arrow | Format::Text => {}
        }
    }
    let mut features = declared.clone();
    for found in [
        csv_file::infer(&csv, declared)?,
        json_file::infer(&json, declared)?,
    ] {
        for (name, feature) in found.iter() {
            let both = features.get(name).and_then(|have| wider(have, feature));
            features.insert(name, both.unwrap_or_else(|| feature.clone()));
        }
    }
    Ok(features)
}

fn read(file: &Path, format: Format, features: &Features) -> Result<Columns> {
    match format {
        Format::Parquet => parquet_file::read(file),
        Format::Arrow => arrow_file::read(file),
        Format::JsonLines => json_file::read(file, true, features),
        Format::Json => json_file::read(file, false, features),
        Format::Csv | Format::Tsv => csv_file::read(file, delimiter(format), features),
        Format::Text => text_file::read(file),
    }
}

fn delimiter(format: Format) -> u8 {
    if format == Format::Tsv { b'\t' } else { b',' }
}

fn format(file: &Path) -> Result<Format> {
    Format::of(&file.to_string_lossy()).ok_or_else(|| Error::File {
        path: file.to_owned(),
        message: format!("the ending is none of {ENDINGS}"),
        source: None,
    })
}

/// `columns` with the declared types, and with the declared columns that it lacks.
fn complete(file: &Path, columns: Columns, declared: &Features) -> Result<Columns> {
    let mut columns = typed(file, columns, declared)?;
    let rows = columns.num_rows().map_err(|source| in_file(file, source))?;
    for (name, feature) in declared.iter() {
        if columns.get(name).is_none() {
            let nothing = std::iter::repeat_n(Value::Null, rows);
            columns.insert(name, Column::values(feature, nothing)?);
        }
    }
    Ok(columns)
}

/// All rows of `parts`, which have the same columns.
fn join(parts: &[Columns]) -> Columns {
    let mut joined = Columns::new();
    for (name, _) in parts.first().into_iter().flat_map(Columns::iter) {
        let columns: Vec<Column> = parts
            .iter()
            .filter_map(|part| part.get(name))
            .cloned()
            .collect();
        if let Some(column) = concatenate(&columns) {
            joined.insert(name, column);
        }
    }
    joined
}

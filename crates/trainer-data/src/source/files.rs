use std::path::{Path, PathBuf};

use super::{
    arrow_file, csv_file,
    csv_rows::CsvStyle,
    declared_columns::Declared,
    format::{self, ENDINGS, Ending, Format, file_name},
    json_file, mapped_file,
    packed::{self, Source, Unpacked},
    parquet_file,
    settings::Settings,
    table::{alike, in_file, wider},
    text_file,
};
use crate::{Column, Columns, Dataset, DatasetDict, Error, Features, Result, column::concatenate};

/// The data set of each split's files, one after the other, read as `settings` say; each file is of the format that its
/// name says.
pub(crate) fn load_as_set(
    splits: &[(String, Vec<PathBuf>)],
    declared: &Declared,
    settings: &Settings,
) -> Result<DatasetDict> {
    let mut with_format = Vec::new();
    for (split, files) in splits {
        let files = files
            .iter()
            .map(|file| Ok((file.clone(), format_of(file)?)));
        with_format.push((split.clone(), files.collect::<Result<_>>()?));
    }
    load_formats(&with_format, settings, declared)
}

/// The name of a split, and its files.
pub(crate) type SplitFiles = (String, Vec<(PathBuf, Format)>);

/// The data set of each split's files, one after the other.
///
/// A column that `declared` has is of that type, and is there, without values, where a file does not have it. Of other
/// columns of text files the types are found over all rows of all splits.
pub(crate) fn load_formats(
    splits: &[SplitFiles],
    settings: &Settings,
    declared: &Declared,
) -> Result<DatasetDict> {
    let mut unpacked = Unpacked::default();
    let mut opened = Vec::new();
    for (split, files) in splits {
        let mut sources = Vec::new();
        for (file, format) in files {
            let found = unpacked.open(file, *format, settings.encoding)?;
            sources.extend(found.into_iter().map(|source| (source, *format)));
        }
        opened.push((split.clone(), sources));
    }
    load_opened(&opened, settings, declared).map_err(|error| {
        let all = opened.iter().flat_map(|(_, sources)| sources);
        all.fold(error, |error, (source, _)| named(error, source))
    })
}

fn load_opened(
    splits: &[(String, Vec<(Source, Format)>)],
    settings: &Settings,
    declared: &Declared,
) -> Result<DatasetDict> {
    let wanted = settings.columns.as_deref();
    let chosen = wanted.map(|wanted| declared.only(wanted));
    let declared = chosen.as_ref().unwrap_or(declared);
    let all = splits.iter().flat_map(|(_, sources)| sources);
    let features = text_features(all, settings, &declared.features)?;
    let mut dict = DatasetDict::new();
    for (split, sources) in splits {
        let mut parts: Vec<Columns> = Vec::new();
        for (source, format) in sources {
            let columns = read(source, *format, settings, &features)?;
            let columns = match wanted {
                Some(wanted) => only(&source.path, &columns, wanted)?,
                None => columns,
            };
            let columns = declared.complete(&source.path, columns)?;
            match parts.first() {
                // A file without rows may not say which columns it has.
                Some(_) if columns.is_empty() => {}
                Some(first) if !first.is_empty() => {
                    let may_lack = !matches!(format, Format::Csv | Format::Text);
                    parts.push(alike(&source.path, &columns, first, may_lack)?)
                }
                _ => parts = vec![columns],
            }
        }
        let columns = join(&parts);
        let columns = completed(columns, dict.iter().next().map(|(_, first)| first))?;
        dict.insert(split.clone(), Dataset::from_columns(columns)?);
    }
    Ok(dict)
}

/// `columns` of a split, and those that only the first split has, without values. A split that has others of its own stays as
/// it is.
fn completed(columns: Columns, first: Option<&Dataset>) -> Result<Columns> {
    let Some(first) = first else {
        return Ok(columns);
    };
    if columns.is_empty() || columns.iter().any(|(name, _)| !first.has_column(name)) {
        return Ok(columns);
    }
    let rows = columns.num_rows()?;
    let complete = first.columns().map(|(name, column)| {
        let here = columns.get(name).cloned();
        (
            name,
            here.unwrap_or_else(|| Column::nulls(column.feature(), rows)),
        )
    });
    Ok(complete.collect())
}

/// The columns of a file that are `wanted`, in that order.
pub(super) fn only(file: &Path, columns: &Columns, wanted: &[String]) -> Result<Columns> {
    let named = wanted.iter().map(|name| {
        let column = columns.get(name).ok_or_else(|| {
            let present = columns.iter().map(|(name, _)| name.to_owned()).collect();
            let name = name.clone();
            in_file(file, Error::UnknownColumn { name, present })
        })?;
        Ok((name.clone(), column.clone()))
    });
    named.collect()
}

/// The types of all columns of text files: as declared, or else as their values are.
fn text_features<'a>(
    sources: impl Iterator<Item = &'a (Source, Format)>,
    settings: &Settings,
    declared: &Features,
) -> Result<Features> {
    let mut csv = Vec::new();
    let mut json = Vec::new();
    for (source, format) in sources {
        match format {
            Format::Csv => csv.push((source.path.as_path(), style(source, settings))),
            Format::Json => json.push(source.path.as_path()),
            Format::Parquet | Format::Arrow | Format::Text => {}
        }
    }
    let mut features = declared.clone();
    for found in [
        csv_file::infer(&csv, declared, &settings.csv.missing)?,
        json_file::infer(&json, settings.field.as_deref(), declared)?,
    ] {
        for (name, feature) in found.iter() {
            let both = features.get(name).and_then(|have| wider(have, feature));
            features.insert(name, both.unwrap_or_else(|| feature.clone()));
        }
    }
    Ok(features)
}

fn read(
    source: &Source,
    format: Format,
    settings: &Settings,
    features: &Features,
) -> Result<Columns> {
    let file = source.path.as_path();
    match format {
        Format::Parquet => parquet_file::read(file, settings.columns.as_deref()),
        Format::Arrow => {
            let columns = settings.columns.as_deref();
            let mapped = match settings.mapped {
                true => mapped_file::map(file, columns)?,
                false => None,
            };
            mapped.map_or_else(|| arrow_file::read(file, columns), Ok)
        }
        Format::Json => json_file::read(file, settings.field.as_deref(), features),
        Format::Csv => csv_file::read(
            file,
            &style(source, settings),
            features,
            &settings.csv.missing,
        ),
        Format::Text => text_file::read(file),
    }
}

/// How a CSV file is taken apart: as the settings say, or as its name does.
pub(super) fn style(source: &Source, settings: &Settings) -> CsvStyle {
    let name = source.name.to_string_lossy().to_lowercase();
    let by_name = if format::endings(&name).any(|ending| ending == "tsv") {
        b'\t'
    } else {
        b','
    };
    CsvStyle::new(by_name, &settings.csv)
}

/// The format of a file, by its name, or of an archive by those of the files in it.
pub(crate) fn format_of(file: &Path) -> Result<Format> {
    let refused = |message| Error::File {
        path: file.to_owned(),
        message,
        source: None,
    };
    let name = file.to_string_lossy();
    let found = match format::of_file(&name) {
        Some(Ending::Zip) => {
            let names = packed::names(file)?;
            format::of_files(names.iter().map(String::as_str))
        }
        found => found,
    };
    match found {
        Some(Ending::Read(format)) => Ok(format),
        Some(Ending::Other(format)) => Err(refused(format!(
            "files of format {format} are not supported"
        ))),
        _ => Err(refused(format!(
            "the ending of {:?} is none of {ENDINGS}",
            file_name(&name)
        ))),
    }
}

/// `error` with the name of `source` in place of the path that it is read from.
pub(super) fn named(error: Error, source: &Source) -> Error {
    let name = |path: PathBuf| {
        if path == source.path {
            source.name.clone()
        } else {
            path
        }
    };
    match error {
        Error::Io { path, source } => Error::Io {
            path: name(path),
            source,
        },
        Error::Malformed {
            path,
            line,
            message,
            source,
        } => Error::Malformed {
            path: name(path),
            line,
            message,
            source,
        },
        Error::File {
            path,
            message,
            source,
        } => Error::File {
            path: name(path),
            message,
            source,
        },
        error => error,
    }
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

//! The splits of a data set as streams.

use std::{path::PathBuf, sync::Arc};

use super::{
    csv_file,
    declared_columns::Declared,
    files::{named, only, style},
    format::Format,
    json_file,
    packed::{Source, Unpacked},
    settings::Settings,
    streamed::{Form, Place, StreamedFile, head},
    table::wider,
};
use crate::{Columns, Features, IterableDataset, IterableDatasetDict, Result};

/// By how many rows of CSV the types of columns are found: as many as pandas reads at once for Python's `datasets`.
const CSV_ROWS: usize = 10_000;
/// By how many bytes of JSON: as many as Python's `datasets` reads at once.
const JSON_BYTES: u64 = 10 << 20;

/// The name of a split, and where its files are.
pub(crate) type StreamedSplit = (String, Vec<(Place, Format)>);

/// The data set of each split's files as a stream. Of the files, only the first of each split are looked at.
pub(crate) fn stream_formats(
    splits: Vec<StreamedSplit>,
    settings: Settings,
    declared: Declared,
) -> Result<IterableDatasetDict> {
    let declared = match settings.columns.as_deref() {
        Some(wanted) => declared.only(wanted),
        None => declared,
    };
    let (settings, declared) = (Arc::new(settings), Arc::new(declared));
    // Those of the first split hold for all, as in Python.
    let mut of_text: Option<Features> = None;
    let mut dict = IterableDatasetDict::default();
    for (split, files) in splits {
        let found = first_columns(&files, &settings, &declared, of_text.take())?;
        let form = Arc::new(Form {
            settings: Arc::clone(&settings),
            declared: Arc::clone(&declared),
            features: found.features.clone(),
            head: found.head,
        });
        of_text = Some(found.features);
        let is_typed = |format: &Format| match format {
            Format::Parquet | Format::Arrow | Format::Json => true,
            Format::Csv | Format::Text => !declared.features.is_empty(),
        };
        let is_typed = files.iter().all(|(_, format)| is_typed(format));
        let files = files.into_iter().map(|(place, format)| StreamedFile {
            place,
            format,
            form: Arc::clone(&form),
        });
        dict.insert(split, IterableDataset::of_files(files.collect(), is_typed));
    }
    Ok(dict)
}

/// What the first file that has columns says of them.
struct Found {
    features: Features,
    head: Columns,
}

fn first_columns(
    files: &[(Place, Format)],
    settings: &Settings,
    declared: &Declared,
    mut of_text: Option<Features>,
) -> Result<Found> {
    let mut features = declared.features.clone();
    let mut last = Columns::new();
    for (place, format) in files {
        let mut unpacked = Unpacked::default();
        for source in unpacked.open(&place.path()?, *format, settings.encoding)? {
            let found = || {
                let features = match of_text.take() {
                    Some(known) if *format == Format::Json && !known.is_empty() => known,
                    Some(known) => {
                        let own = infer(&source, *format, settings, &declared.features)?;
                        both(known, &own)
                    }
                    None => infer(&source, *format, settings, &declared.features)?,
                };
                let columns = head(&source, *format, settings, &features)?;
                let columns = match settings.columns.as_deref() {
                    Some(wanted) if *format != Format::Json || !columns.is_empty() => {
                        only(&source.path, &columns, wanted)?
                    }
                    _ => columns,
                };
                Ok((features, declared.complete(&source.path, columns)?))
            };
            let (found, columns) = caught_in(&source, found)?;
            (features, last) = (found, columns);
            if !last.is_empty() {
                let head = last;
                return Ok(Found { features, head });
            }
        }
    }
    let head = last;
    Ok(Found { features, head })
}

/// `read`, whose errors name the file as the user knows it.
fn caught_in<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    read().map_err(|error| named(error, source))
}

/// The types of a text file's columns: as declared, or else as the values of its first rows are.
fn infer(
    source: &Source,
    format: Format,
    settings: &Settings,
    declared: &Features,
) -> Result<Features> {
    let path = source.path.as_path();
    let found = match format {
        Format::Csv => {
            let file = [(path, style(source, settings))];
            csv_file::infer_of(&file, declared, &settings.csv.missing, CSV_ROWS)?
        }
        Format::Json => {
            let field = (settings.field.as_deref(), JSON_BYTES);
            json_file::infer_of(&[path], field, declared)?
        }
        Format::Parquet | Format::Arrow | Format::Text => Features::new(),
    };
    Ok(both(declared.clone(), &found))
}

/// `known` and what is only in `found`.
fn both(mut known: Features, found: &Features) -> Features {
    for (name, feature) in found.iter() {
        let both = known.get(name).and_then(|have| wider(have, feature));
        known.insert(name, both.unwrap_or_else(|| feature.clone()));
    }
    known
}

/// Files of this machine.
pub(crate) fn here(files: Vec<(PathBuf, Format)>) -> Vec<(Place, Format)> {
    let place = |(path, format)| (Place::Here(path), format);
    files.into_iter().map(place).collect()
}

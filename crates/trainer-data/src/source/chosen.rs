use std::{collections::HashSet, path::PathBuf};

use super::{
    card::CardConfig,
    format::{self, ENDINGS, Ending, Format},
    packed,
    patterns::matching,
    split_names::{Splits, by_name},
};
use crate::{Error, Result, hub::Files};

/// The files that `config`, or else their names, make splits.
pub(crate) fn chosen(
    place: &Files,
    files: &[String],
    config: Option<&CardConfig>,
) -> Result<Splits> {
    if let Some(CardConfig {
        splits: Some(splits),
        folder,
        name,
        ..
    }) = config
    {
        let found = splits.iter().map(|(split, patterns)| {
            let what = format!("split {split} of {name}");
            Ok((
                split.clone(),
                of_patterns(place, files, folder, patterns, &what)?,
            ))
        });
        return found.collect();
    }
    let folder = config.map_or("", |config| config.folder.as_str());
    let inside: Vec<String> = match folder {
        "" => files.to_vec(),
        folder => files
            .iter()
            .filter_map(|file| file.strip_prefix(folder)?.strip_prefix('/'))
            .map(str::to_owned)
            .collect(),
    };
    let mut splits = by_name(&inside).map_err(|message| refused(place, message))?;
    if !folder.is_empty() {
        let files = splits.iter_mut().flat_map(|(_, files)| files);
        files.for_each(|file| *file = format!("{folder}/{file}"));
    }
    Ok(splits)
}

/// The format of all splits, which must be the same.
pub(crate) fn one_format(place: &Files, splits: &Splits) -> Result<Format> {
    let nothing = || Error::NotFound {
        message: format!("{place} has no data: no file ends with {ENDINGS}"),
        source: None,
    };
    let mut formats = Vec::new();
    for (split, files) in splits {
        formats.push((split, files, format_of(place, files)?));
    }
    if formats.iter().all(|(_, _, format)| format.is_none()) {
        return Err(nothing());
    }
    let mut one = None;
    for (split, files, format) in formats {
        let format = match format {
            Some(Ending::Read(format)) => format,
            Some(Ending::Other(format)) => {
                return Err(refused(
                    place,
                    format!(
                        "split {split}: most of its files are of a format that is not supported ({format}): {}; to load \
                     others, name them",
                        some(files)
                    ),
                ));
            }
            Some(Ending::Zip) | None => {
                return Err(refused(
                    place,
                    format!(
                        "split {split} has no file that ends, in lower case, with {ENDINGS}; its files are {}",
                        some(files)
                    ),
                ));
            }
        };
        match one {
            None => one = Some((split, format)),
            Some((first, have)) if have != format => {
                return Err(refused(
                    place,
                    format!(
                        "split {first} is of format {have} and split {split} of format {format}, by the commonest \
                     endings; all splits of one data set must be of one format"
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    one.map(|(_, format)| format).ok_or_else(nothing)
}

/// The format of files; of archives, that of the files in the first few.
fn format_of(place: &Files, files: &[String]) -> Result<Option<Ending>> {
    const ARCHIVES: usize = 5;
    let format = format::of_files(files.iter().map(String::as_str));
    if format != Some(Ending::Zip) {
        return Ok(format);
    }
    let mut inside = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.ends_with(".zip"))
        .take(ARCHIVES)
    {
        inside.extend(packed::names(&place.require(file)?)?);
    }
    Ok(format::of_files(inside.iter().map(String::as_str)))
}

/// The files in `folder` that match one of `patterns`, in the order of the patterns.
fn of_patterns(
    place: &Files,
    files: &[String],
    folder: &str,
    patterns: &[String],
    what: &str,
) -> Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for pattern in patterns {
        let path = pattern.trim_start_matches("./");
        let path = match folder {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        let mut matched = matching(files, &path).map_err(|source| Error::NotFound {
            message: format!("{place}, {what}: {pattern:?} is not a pattern: {source}"),
            source: Some(source.into()),
        })?;
        matched.retain(|file| seen.insert(file.clone()));
        found.append(&mut matched);
    }
    if found.is_empty() {
        let patterns = patterns.join(", ");
        return Err(Error::NotFound {
            message: format!(
                "{place}, {what}: no file matches {patterns}; the files are {}",
                some(files)
            ),
            source: None,
        });
    }
    Ok(found)
}

/// What is said about a data set as a whole.
pub(crate) fn refused(place: &Files, message: String) -> Error {
    Error::File {
        path: PathBuf::from(place.to_string()),
        message,
        source: None,
    }
}

/// The first few names.
pub(crate) fn some(files: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = files
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match files.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!("{shown} and {} more", count - SHOWN),
        _ => shown,
    }
}

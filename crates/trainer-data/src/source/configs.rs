use glob::{MatchOptions, Pattern};

use super::{
    card::{Card, CardConfig},
    format::ENDINGS,
    split_names::by_name,
};
use crate::{Error, Features, Result, hub::Files, nearest};

/// Which files are which split, and what their columns are.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) splits: Vec<(String, Vec<String>)>,
    pub(crate) declared: Features,
}

/// The plan for configuration `wanted` of `place`, whose files are `files` and whose card is `card`.
pub(crate) fn plan(
    place: &Files,
    files: &[String],
    card: &Card,
    wanted: Option<&str>,
) -> Result<Plan> {
    let config = choose(place, card, wanted)?;
    let declared = card
        .features(config.map(|config| config.name.as_str()))
        .cloned()
        .unwrap_or_default();
    let splits = match config {
        Some(CardConfig {
            splits: Some(splits),
            folder,
            name,
            ..
        }) => {
            let found = splits.iter().map(|(split, patterns)| {
                Ok((
                    split.clone(),
                    matching(
                        place,
                        files,
                        folder,
                        patterns,
                        &format!("split {split} of {name}"),
                    )?,
                ))
            });
            found.collect::<Result<_>>()?
        }
        config => {
            let folder = config.map_or("", |config| config.folder.as_str());
            let inside =
                |file: &&String| folder.is_empty() || file.starts_with(&format!("{folder}/"));
            by_name(&files.iter().filter(inside).cloned().collect::<Vec<_>>())
        }
    };
    if splits.is_empty() {
        return Err(Error::NotFound {
            message: format!("{place} has no data: no file ends with {ENDINGS}"),
            source: None,
        });
    }
    Ok(Plan { splits, declared })
}

fn choose<'a>(
    place: &Files,
    card: &'a Card,
    wanted: Option<&str>,
) -> Result<Option<&'a CardConfig>> {
    let present: Vec<String> = card
        .configs
        .iter()
        .map(|config| config.name.clone())
        .collect();
    let unknown = |message: String| Error::UnknownConfig {
        message,
        present: present.clone(),
    };
    match (wanted, card.configs.as_slice()) {
        (Some(wanted), configs) => match configs.iter().find(|config| config.name == wanted) {
            Some(config) => Ok(Some(config)),
            None if configs.is_empty() && wanted == "default" => Ok(None),
            None => {
                let hint = nearest::hint(wanted, &present);
                Err(unknown(format!(
                    "{place} has no configuration {wanted:?}{hint}"
                )))
            }
        },
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only)),
        (None, configs) => match configs.iter().find(|config| config.is_default) {
            Some(config) => Ok(Some(config)),
            None => Err(unknown(format!(
                "{place} has several configurations and none was asked for"
            ))),
        },
    }
}

/// The files in `folder` that match one of `patterns`, in the order of the patterns.
fn matching(
    place: &Files,
    files: &[String],
    folder: &str,
    patterns: &[String],
    what: &str,
) -> Result<Vec<String>> {
    let options = MatchOptions {
        require_literal_separator: true,
        ..MatchOptions::default()
    };
    let mut found: Vec<String> = Vec::new();
    for pattern in patterns {
        let path = pattern.trim_start_matches("./");
        let path = match folder {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        let glob = Pattern::new(&path).map_err(|source| Error::NotFound {
            message: format!("{place}, {what}: {pattern:?} is not a pattern: {source}"),
            source: Some(source.into()),
        })?;
        // A name with brackets may be meant as it stands.
        let matches = |file: &&String| **file == path || glob.matches_with(file, options);
        let mut matched: Vec<String> = files.iter().filter(matches).cloned().collect();
        matched.retain(|file| !found.contains(file));
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

/// The first few names.
fn some(files: &[String]) -> String {
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

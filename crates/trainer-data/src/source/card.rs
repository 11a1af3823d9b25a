use std::path::Path;

use serde_json::{Map, Value as Json};
use serde_yaml_ng::Value as Yaml;

use super::{declared, infos::Infos, split_names::is_split, table::unreadable};
use crate::{Error, Features, Result, regular_file};

/// What the front matter of a data set's `README.md` says about its data, and the files that may stand beside it.
#[derive(Debug, Default)]
pub(crate) struct Card {
    pub(crate) configs: Vec<CardConfig>,
    pub(crate) infos: Infos,
}

/// One of the card's `configs:`.
#[derive(Debug, Clone)]
pub(crate) struct CardConfig {
    pub(crate) name: String,
    /// The folder in which the patterns are; the whole data set if empty.
    pub(crate) folder: String,
    /// Splits and their patterns; nothing if the names of the files decide.
    pub(crate) splits: Option<Vec<(String, Vec<String>)>>,
    pub(crate) is_default: bool,
    /// All that the card says of it.
    pub(crate) settings: Map<String, Json>,
}

impl Card {
    /// The card in the file `readme`; what `standalone`, which has front matter alone, says wins; `infos` is what older
    /// versions of Python's `datasets` wrote in place of a card. All may be missing.
    pub(crate) fn read(
        readme: Option<&Path>,
        standalone: Option<&Path>,
        infos: Option<&Path>,
    ) -> Result<Self> {
        let mut card = Self::default();
        let mut front = Map::new();
        for (path, behind) in [(readme, true), (standalone, false)] {
            let Some(path) = path else { continue };
            let text =
                regular_file::read_to_string(path).map_err(|source| unreadable(path, source))?;
            // Of the file's lines one is before the front matter.
            let (yaml, before) = match behind {
                true => (front_matter(&text), 1),
                false => (Some(text), 0),
            };
            let Some(Json::Object(part)) =
                yaml.map(|yaml| parsed(path, &yaml, before)).transpose()?
            else {
                continue;
            };
            let wrong = |message: String| Error::File {
                path: path.to_owned(),
                message,
                source: None,
            };
            if part.contains_key("configs") {
                card.configs = objects(part.get("configs"))
                    .map(config)
                    .collect::<Result<_, String>>()
                    .map_err(wrong)?;
                one_default(&card.configs).map_err(wrong)?;
            }
            front.extend(part);
        }
        card.infos = Infos::read(infos, objects(front.get("dataset_info")))?;
        Ok(card)
    }
}

/// How deep in brackets front matter may be; its parser takes a time that grows with the square of it.
const DEEPEST: usize = 100;

fn is_too_deep(yaml: &str) -> bool {
    let mut depth = 0_usize;
    yaml.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

fn parsed(path: &Path, yaml: &str, before: u64) -> Result<Json> {
    if is_too_deep(yaml) {
        return Err(Error::File {
            path: path.to_owned(),
            message: format!("the front matter is more than {DEEPEST} brackets deep"),
            source: None,
        });
    }
    let yaml: Yaml = serde_yaml_ng::from_str(yaml).map_err(|source| Error::Malformed {
        path: path.to_owned(),
        line: source
            .location()
            .map_or(1, |location| location.line() as u64 + before),
        message: format!("the front matter is not YAML: {source}"),
        source: Some(source.into()),
    })?;
    Ok(json(&yaml))
}

impl CardConfig {
    /// What holds where there is no card.
    pub(crate) fn plain() -> Self {
        Self {
            name: "default".to_owned(),
            folder: String::new(),
            splits: None,
            is_default: true,
            settings: Map::new(),
        }
    }

    /// The columns that the configuration itself declares.
    ///
    /// # Errors
    /// Names a column whose type is not supported.
    pub(crate) fn features(&self) -> Result<Features, String> {
        match self.settings.get("features") {
            None | Some(Json::Null) => Ok(Features::new()),
            Some(Json::Array(features)) => declared::all_of_card(features),
            Some(other) => Err(format!(
                "configs, {}: features is {other}; it must be a list",
                self.name
            )),
        }
    }
}

/// What stands between the first two lines of three dashes.
fn front_matter(text: &str) -> Option<String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut front = String::new();
    for line in lines {
        if line.trim_end() == "---" {
            return Some(front);
        }
        front += line;
        front.push('\n');
    }
    None
}

/// One object, or the objects of a list.
fn objects(value: Option<&Json>) -> impl Iterator<Item = &Map<String, Json>> {
    let values = match value {
        Some(Json::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    values.iter().filter_map(Json::as_object)
}

fn config(config: &Map<String, Json>) -> Result<CardConfig, String> {
    let name = string(config, "config_name")
        .ok_or_else(|| {
            format!(
                "configs: {} has no config_name",
                Json::Object(config.clone())
            )
        })?
        .to_owned();
    let splits = config.get("data_files").filter(|files| !files.is_null()).map(|files| {
        splits(files).ok_or_else(|| format!(
            "configs, {name}: data_files is {files}; it must be a path, paths, or a list of {{split, path}} with splits \
             that differ and whose names have letters, digits, underscores, and full stops between them"
        ))
    });
    Ok(CardConfig {
        folder: string(config, "data_dir")
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned(),
        splits: splits.transpose()?,
        is_default: name == "default"
            || config.get("default").and_then(Json::as_bool) == Some(true),
        settings: config.clone(),
        name,
    })
}

fn one_default(configs: &[CardConfig]) -> Result<(), String> {
    let mut defaults = configs.iter().filter(|config| config.is_default);
    match (defaults.next(), defaults.next()) {
        (Some(one), Some(other)) => Err(format!(
            "configs: both {} and {} are the default",
            one.name, other.name
        )),
        _ => Ok(()),
    }
}

/// `data_files`: a pattern, patterns, an object from the split to either, or a list of `{split, path}`.
fn splits(files: &Json) -> Option<Vec<(String, Vec<String>)>> {
    let splits: Vec<(String, Vec<String>)> = match files {
        Json::Array(entries) if entries.iter().any(Json::is_object) => {
            let entries = entries.iter().map(|entry| {
                let entry = entry.as_object()?;
                Some((
                    string(entry, "split")?.to_owned(),
                    patterns(entry.get("path")?)?,
                ))
            });
            entries.collect::<Option<_>>()?
        }
        Json::Object(splits) => splits
            .iter()
            .map(|(split, paths)| Some((split.clone(), patterns(paths)?)))
            .collect::<Option<_>>()?,
        files => vec![("train".to_owned(), patterns(files)?)],
    };
    let mut names = splits.iter().map(|(split, _)| split).enumerate();
    let are_good = names
        .all(|(at, name)| is_split(name) && splits[..at].iter().all(|(before, _)| before != name));
    are_good.then_some(splits)
}

fn patterns(paths: &Json) -> Option<Vec<String>> {
    match paths {
        Json::String(path) => Some(vec![path.clone()]),
        Json::Array(paths) => paths
            .iter()
            .map(|path| path.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn string<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// YAML as JSON, with keys of any simple type as text.
fn json(yaml: &Yaml) -> Json {
    match yaml {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(*value),
        Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => value.into(),
            (None, value) => value.into(),
        },
        Yaml::String(text) => Json::String(text.clone()),
        Yaml::Sequence(values) => values.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let key = match json(key) {
                    Json::String(key) => key,
                    key => key.to_string(),
                };
                (key, json(value))
            });
            Json::Object(entries.collect())
        }
        Yaml::Tagged(tagged) => json(&tagged.value),
    }
}

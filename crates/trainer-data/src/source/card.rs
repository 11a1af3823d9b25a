use std::path::Path;

use serde_json::{Map, Value as Json};
use serde_yaml_ng::Value as Yaml;

use super::{declared, table::unreadable};
use crate::{Error, Features, Result};

/// What the front matter of a data set's `README.md` says about its data.
#[derive(Debug, Default)]
pub(crate) struct Card {
    pub(crate) configs: Vec<CardConfig>,
    /// The features of configurations by their names.
    infos: Vec<(String, Features)>,
}

/// One of the card's `configs:`.
#[derive(Debug)]
pub(crate) struct CardConfig {
    pub(crate) name: String,
    /// The folder in which the patterns are; the whole data set if empty.
    pub(crate) folder: String,
    /// Splits and their patterns; nothing if the names of the files decide.
    pub(crate) splits: Option<Vec<(String, Vec<String>)>>,
    pub(crate) is_default: bool,
}

impl Card {
    /// The card in the file `path`; an empty one if the file has no front matter.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        let Some(front) = front_matter(&text) else {
            return Ok(Self::default());
        };
        let yaml: Yaml = serde_yaml_ng::from_str(&front).map_err(|source| Error::Malformed {
            path: path.to_owned(),
            line: source
                .location()
                .map_or(1, |location| location.line() as u64 + 1),
            message: format!("the front matter is not YAML: {source}"),
            source: Some(source.into()),
        })?;
        let wrong = |message: String| Error::File {
            path: path.to_owned(),
            message,
            source: None,
        };
        let front = json(&yaml);
        let configs = objects(front.get("configs"))
            .map(config)
            .collect::<Result<_, String>>()
            .map_err(wrong)?;
        let infos = objects(front.get("dataset_info")).filter_map(|info| {
            let name = string(info, "config_name").unwrap_or("default");
            Some((
                name.to_owned(),
                declared::from_card(info.get("features")?.as_array()?),
            ))
        });
        Ok(Self {
            configs,
            infos: infos.collect(),
        })
    }

    /// The features that are declared for configuration `name`, or for the only one if no name is known.
    pub(crate) fn features(&self, name: Option<&str>) -> Option<&Features> {
        match name {
            Some(name) => self
                .infos
                .iter()
                .find(|(have, _)| have == name)
                .map(|(_, features)| features),
            None => match self.infos.as_slice() {
                [(_, features)] => Some(features),
                _ => None,
            },
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
        .unwrap_or("default")
        .to_owned();
    let splits = config
        .get("data_files")
        .map(|files| splits(files).ok_or(files))
        .transpose();
    let splits = splits.map_err(|files| {
        format!("configs, {name}: data_files is {files}; it must be a path, paths, or a list of {{split, path}}")
    })?;
    Ok(CardConfig {
        folder: string(config, "data_dir")
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned(),
        splits,
        is_default: config
            .get("default")
            .and_then(Json::as_bool)
            .unwrap_or(name == "default"),
        name,
    })
}

/// `data_files`: a pattern, patterns, an object from the split to either, or a list of `{split, path}`.
fn splits(files: &Json) -> Option<Vec<(String, Vec<String>)>> {
    let train = |patterns| Some(vec![("train".to_owned(), patterns)]);
    match files {
        Json::Array(entries) if entries.iter().any(Json::is_object) => {
            let mut splits: Vec<(String, Vec<String>)> = Vec::new();
            for entry in entries {
                let entry = entry.as_object()?;
                let (split, paths) = (string(entry, "split")?, patterns(entry.get("path")?)?);
                match splits.iter_mut().find(|(have, _)| have == split) {
                    Some((_, have)) => have.extend(paths),
                    None => splits.push((split.to_owned(), paths)),
                }
            }
            Some(splits)
        }
        Json::Object(splits) => splits
            .iter()
            .map(|(split, paths)| Some((split.clone(), patterns(paths)?)))
            .collect(),
        files => train(patterns(files)?),
    }
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

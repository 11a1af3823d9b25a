use std::path::Path;

use serde_json::{Map, Value as Json};

use super::{
    declared,
    table::{not_json, unreadable},
};
use crate::{Features, Result, regular_file};

/// The columns that are declared for configurations, by their names.
#[derive(Debug, Default)]
pub(crate) struct Infos(Vec<(String, Declared)>);

#[derive(Debug)]
enum Declared {
    Nothing,
    /// As a card has them.
    Card(Vec<Json>),
    /// As `dataset_infos.json` has them.
    Json(Map<String, Json>),
}

impl Infos {
    /// The infos in the file `dataset_infos.json`, if there is one, with those of a card in place of those of the same name.
    ///
    /// The only configuration of such a file is the default, whatever its name, as in Python's `datasets`.
    pub(crate) fn read<'a>(
        file: Option<&Path>,
        card: impl Iterator<Item = &'a Map<String, Json>>,
    ) -> Result<Self> {
        let mut infos = match file {
            Some(file) => of_file(file)?,
            None => Vec::new(),
        };
        for info in card {
            let name = info
                .get("config_name")
                .and_then(Json::as_str)
                .unwrap_or("default");
            let declared = match info.get("features").and_then(Json::as_array) {
                Some(features) => Declared::Card(features.clone()),
                None => Declared::Nothing,
            };
            infos.retain(|(have, _)| have != name);
            infos.push((name.to_owned(), declared));
        }
        Ok(Self(infos))
    }

    /// The name of the only configuration that there are infos of.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.0.as_slice() {
            [(name, _)] => Some(name),
            _ => None,
        }
    }

    /// The features that are declared for configuration `name`.
    ///
    /// # Errors
    /// Names a column whose type is not supported.
    pub(crate) fn features(&self, name: &str) -> Result<Features, String> {
        match self.0.iter().find(|(have, _)| have == name) {
            None | Some((_, Declared::Nothing)) => Ok(Features::new()),
            Some((_, Declared::Card(features))) => declared::all_of_card(features),
            Some((_, Declared::Json(features))) => declared::all_of_json(features),
        }
    }
}

fn of_file(path: &Path) -> Result<Vec<(String, Declared)>> {
    let text = regular_file::read(path).map_err(|source| unreadable(path, source))?;
    let infos: Map<String, Json> =
        serde_json::from_slice(&text).map_err(|source| not_json(path, source))?;
    let is_only = infos.len() == 1;
    let named = infos.into_iter().map(|(name, info)| {
        let declared = match info.get("features").and_then(Json::as_object) {
            Some(features) => Declared::Json(features.clone()),
            None => Declared::Nothing,
        };
        (if is_only { "default".to_owned() } else { name }, declared)
    });
    Ok(named.collect())
}

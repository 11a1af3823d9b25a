use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trainer_data::hub::{Files, Hub};
use trainer_data::regular_file;

use crate::{Error, Result};

/// Where a tokenizer's files come from: a folder, or a repository of the hub.
pub(crate) struct Source(Files);

impl Source {
    pub(crate) fn open(name_or_path: &str) -> Result<Self> {
        Files::locate(name_or_path, || Ok(Hub::from_env()?.model(name_or_path)))
            .map(Self)
            .map_err(|source| not_found(name_or_path, source))
    }

    /// The file's place on this machine, if it exists.
    pub(crate) fn file(&self, name: &str) -> Result<Option<PathBuf>> {
        self.0
            .find(name)
            .map_err(|source| not_found(self.0.name(), source))
    }

    /// The JSON object in the file `name`, if the file exists.
    pub(crate) fn object(&self, name: &str) -> Result<Option<(PathBuf, Map<String, Value>)>> {
        let Some(path) = self.file(name)? else {
            return Ok(None);
        };
        let text = read(&path)?;
        match serde_json::from_slice(&text) {
            Ok(object) => Ok(Some((path, object))),
            Err(source) => Err(Error::Json { path, source }),
        }
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    regular_file::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn not_found(name: &str, source: trainer_data::Error) -> Error {
    Error::Find {
        name: name.to_owned(),
        source: source.into(),
    }
}

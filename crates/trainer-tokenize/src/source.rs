use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use trainer_data::hub::{Hub, Repository};

use crate::{Error, Result};

/// Where a tokenizer's files come from: a folder, or a repository of the hub.
pub(crate) enum Source {
    Folder(PathBuf),
    Repository(Repository),
}

impl Source {
    pub(crate) fn open(name_or_path: &str) -> Result<Self> {
        let path = Path::new(name_or_path);
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let hub = Hub::from_env().map_err(|source| Error::Find {
            name: name_or_path.to_owned(),
            source: source.into(),
        })?;
        Ok(Self::Repository(hub.model(name_or_path)))
    }

    /// The file's place on this machine, if it exists.
    pub(crate) fn file(&self, name: &str) -> Result<Option<PathBuf>> {
        match self {
            Self::Folder(folder) => Ok(Some(folder.join(name)).filter(|path| path.is_file())),
            Self::Repository(repository) => {
                repository
                    .optional_file(name)
                    .map_err(|source| Error::Find {
                        name: name.to_owned(),
                        source: source.into(),
                    })
            }
        }
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
    fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

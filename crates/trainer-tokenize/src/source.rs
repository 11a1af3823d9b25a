use std::io::ErrorKind;
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

    /// The names of the files in a folder inside that end so, without the ending, sorted; those of its own folders are not among them.
    pub(crate) fn names_in(&self, folder: &str, ending: &str) -> Result<Vec<String>> {
        let mut names = match self.0.folder() {
            Some(here) => names_in(&here.join(folder))?,
            None => {
                let files = self.0.list();
                let files = files.map_err(|source| not_found(self.0.name(), source))?;
                let inside =
                    |path: &String| Some(path.strip_prefix(folder)?.strip_prefix('/')?.to_owned());
                files.iter().filter_map(inside).collect()
            }
        };
        names.retain(|name| name.ends_with(ending) && !name.contains('/'));
        names
            .iter_mut()
            .for_each(|name| name.truncate(name.len() - ending.len()));
        names.sort();
        Ok(names)
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

/// The names of what is in a folder of this machine, if it is there.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let failed = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let entries = match folder.read_dir() {
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(failed)?.file_name().into_string());
    }
    Ok(names)
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

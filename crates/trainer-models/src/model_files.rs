use std::path::{Path, PathBuf};

use trainer_data::hub::{Files, Hub};

use crate::{Error, Result};

/// Where a model's files lie: a local folder or a repository of the Hugging Face hub.
pub(crate) struct ModelFiles(Files);

impl ModelFiles {
    /// A folder of that name if there is one, otherwise the hub's model of that name.
    pub(crate) fn locate(name_or_path: &str) -> Result<Self> {
        Files::locate(name_or_path, || Ok(Hub::from_env()?.model(name_or_path)))
            .map(Self)
            .map_err(|source| not_found(name_or_path, source))
    }

    /// A folder, which must exist.
    pub(crate) fn folder(folder: &Path) -> Result<Self> {
        Files::in_folder(folder)
            .map(Self)
            .map_err(|source| not_found(&folder.display().to_string(), source))
    }

    /// The name or folder that the user gave.
    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    /// The local path of `file`, brought here if need be; `None` when the model has no such file.
    pub(crate) fn find(&self, file: &str) -> Result<Option<PathBuf>> {
        self.0
            .find(file)
            .map_err(|source| not_found(self.name(), source))
    }

    /// The local path of `file`, which must be there.
    pub(crate) fn require(&self, file: &'static str) -> Result<PathBuf> {
        self.0.require(file).map_err(|source| match source {
            trainer_data::Error::NotFound { .. } => Error::NoFile {
                place: self.name().to_owned(),
                file,
            },
            source => not_found(self.name(), source),
        })
    }
}

fn not_found(name: &str, source: trainer_data::Error) -> Error {
    Error::Locate {
        name: name.to_owned(),
        source: source.into(),
    }
}

use std::path::{Path, PathBuf};

use trainer_data::hub::{Hub, Repository};

use crate::{Error, Result};

/// Where a model's files lie: a local folder or a repository of the Hugging Face hub.
pub(crate) struct ModelFiles {
    name: String,
    source: Source,
}

enum Source {
    Folder(PathBuf),
    Repository(Repository),
}

impl ModelFiles {
    /// A folder of that name if there is one, otherwise the hub's model of that name.
    pub(crate) fn locate(name_or_path: &str) -> Result<Self> {
        let path = Path::new(name_or_path);
        if path.is_dir() || !is_repository_name(name_or_path) {
            return Self::folder(path);
        }
        let hub = Hub::from_env().map_err(|source| not_found(name_or_path, source))?;
        Ok(Self {
            name: name_or_path.to_owned(),
            source: Source::Repository(hub.model(name_or_path)),
        })
    }

    /// A folder, which must exist.
    pub(crate) fn folder(folder: &Path) -> Result<Self> {
        let name = folder.display().to_string();
        if !folder.is_dir() {
            return Err(not_found(&name, "there is no such folder"));
        }
        Ok(Self {
            name,
            source: Source::Folder(folder.to_owned()),
        })
    }

    /// The name or folder that the user gave.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The local path of `file`, brought here if need be; `None` when the model has no such file.
    pub(crate) fn find(&self, file: &str) -> Result<Option<PathBuf>> {
        match &self.source {
            Source::Folder(folder) => Ok(Some(folder.join(file)).filter(|path| path.is_file())),
            Source::Repository(repository) => repository
                .optional_file(file)
                .map_err(|source| not_found(&self.name, source)),
        }
    }

    /// The local path of `file`, which must be there.
    pub(crate) fn require(&self, file: &'static str) -> Result<PathBuf> {
        match &self.source {
            Source::Folder(_) => self.find(file)?.ok_or_else(|| Error::NoFile {
                place: self.name.clone(),
                file,
            }),
            Source::Repository(repository) => repository
                .file(file)
                .map_err(|source| not_found(&self.name, source)),
        }
    }
}

/// Whether a name can be a model of the hub, `NAME` or `ORGANISATION/NAME`, rather than a path to a folder.
fn is_repository_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    parts.len() <= 2
        && parts.iter().all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && part
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        })
}

fn not_found(name: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Locate {
        name: name.to_owned(),
        source: source.into(),
    }
}

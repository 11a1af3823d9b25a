use std::fmt;
use std::path::{Path, PathBuf};

use super::{
    Repository,
    cache::{broken_link, is_broken_link},
    names::{NOT_A_NAME, RepositoryName},
    walk::files_in,
};
use crate::{Error, Result};

/// The files of a model or a data set, by the name or path that a user gives: a folder of this machine or a repository of
/// the hub.
#[derive(Debug, Clone)]
pub struct Files {
    name: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Repository(Box<Repository>),
}

impl Files {
    /// The folder of that name if there is one; otherwise, where the name can be one of the hub (`NAME` or `ORG/NAME`), what
    /// `repository` gives. Nothing is asked of the hub yet.
    ///
    /// ```
    /// use trainer_data::hub::{Files, Hub};
    ///
    /// let hub = Hub::with_cache("cache");
    /// let bert = "google-bert/bert-base-cased";
    /// assert!(Files::locate(bert, || Ok(hub.model(bert)))?.folder().is_none());
    ///
    /// let error = Files::locate("./bert", || Ok(hub.model("./bert"))).unwrap_err();
    /// assert_eq!(error.to_string(), "there is no file or folder \"./bert\"");
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such folder and the name cannot be one of the hub, and those of `repository`.
    pub fn locate(
        name_or_path: &str,
        repository: impl FnOnce() -> Result<Repository>,
    ) -> Result<Self> {
        let path = Path::new(name_or_path);
        if path.is_dir() || RepositoryName::parse(name_or_path).is_err() {
            return Self::in_folder(path);
        }
        Ok(Self {
            name: name_or_path.to_owned(),
            place: Place::Repository(Box::new(repository()?)),
        })
    }

    /// The files in a folder.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such folder.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let name = folder.display().to_string();
        if !folder.is_dir() {
            return Err(no_folder(&name, folder.exists()));
        }
        Ok(Self {
            name,
            place: Place::Folder(folder.to_owned()),
        })
    }

    /// The name or path that the user gave.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder, where it is one of this machine.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Repository(_) => None,
        }
    }

    /// Where `file`, a path inside, lies on this machine, fetched if need be; nothing if there is no such file.
    ///
    /// # Errors
    /// [`Error::File`] for a link that leads nowhere, and those of [`Repository::optional_file`].
    pub fn find(&self, file: &str) -> Result<Option<PathBuf>> {
        match &self.place {
            Place::Folder(folder) => match folder.join(file) {
                path if path.is_file() => Ok(Some(path)),
                path if is_broken_link(&path) => Err(broken_link(path)),
                _ => Ok(None),
            },
            Place::Repository(repository) => repository.optional_file(file),
        }
    }

    /// As [`find`](Self::find), of a file that must be there.
    ///
    /// # Errors
    /// [`Error::NotFound`] where a folder has no such file, and those of [`Repository::file`].
    pub fn require(&self, file: &str) -> Result<PathBuf> {
        match &self.place {
            Place::Folder(_) => self.find(file)?.ok_or_else(|| Error::NotFound {
                message: format!("{} has no {file}", self.name),
                source: None,
            }),
            Place::Repository(repository) => repository.file(file),
        }
    }

    /// As [`require`](Self::require), of several files, of which those of the hub are fetched at the same time.
    ///
    /// # Errors
    /// As there; of several failures that of the first file.
    pub fn require_all<S: AsRef<str> + Sync>(&self, files: &[S]) -> Result<Vec<PathBuf>> {
        match &self.place {
            Place::Folder(_) => files
                .iter()
                .map(|file| self.require(file.as_ref()))
                .collect(),
            Place::Repository(repository) => repository.files_at(files),
        }
    }

    /// The paths of all files inside, with `/` between folders, sorted. Links to folders are not followed.
    ///
    /// # Errors
    /// [`Error::Io`] if a folder cannot be read, and those of [`Repository::files`].
    pub fn list(&self) -> Result<Vec<String>> {
        match &self.place {
            Place::Folder(folder) => files_in(folder),
            Place::Repository(repository) => repository.files(),
        }
    }
}

/// As an error names it: a folder's path, `model NAME of the hub`.
impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Folder(folder) => write!(f, "{}", folder.display()),
            Place::Repository(repository) => {
                write!(f, "{} {} of the hub", repository.kind(), repository.name())
            }
        }
    }
}

fn no_folder(name: &str, exists: bool) -> Error {
    let message = match RepositoryName::parse(name).err() {
        _ if exists => format!("{name:?} is not a folder"),
        Some(why @ NOT_A_NAME) => {
            format!("there is no file or folder {name:?}, and it {why}")
        }
        _ => format!("there is no file or folder {name:?}"),
    };
    Error::NotFound {
        message,
        source: None,
    }
}

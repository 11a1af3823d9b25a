use std::path::{Path, PathBuf};

use super::table::unreadable;
use crate::{Result, hub::Repository};

/// The files of a data set: a folder here, or a repository of the hub.
pub(crate) enum Tree {
    Folder(PathBuf),
    Repository(Repository),
}

impl Tree {
    /// The paths of all files, sorted, with `/` between folders; none that are hidden.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let mut files = match self {
            Self::Folder(folder) => {
                let mut files = Vec::new();
                walk(folder, "", &mut files)?;
                files
            }
            Self::Repository(repository) => repository.files()?,
        };
        files.retain(|file| {
            !file
                .split('/')
                .any(|part| part.starts_with('.') || part.starts_with("__"))
        });
        files.sort();
        Ok(files)
    }

    /// Where `file`, one of [`Self::files`], lies on this machine; fetched if need be.
    pub(crate) fn local(&self, file: &str) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.join(file)),
            Self::Repository(repository) => repository.file(file),
        }
    }
}

/// As an error names it.
impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Repository(repository) => write!(f, "data set {} of the hub", repository.name()),
        }
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<()> {
    let unreadable = |source| unreadable(folder, source);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(unreadable)?;
        // Links to folders are not followed, so that a link to a folder above does not go on for ever.
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), files)?;
        } else if entry.path().is_file() {
            files.push(name);
        }
    }
    Ok(())
}

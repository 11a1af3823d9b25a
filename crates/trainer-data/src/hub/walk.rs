use std::fs;
use std::path::Path;

use crate::{Error, Result};

/// The paths of all files inside `folder`, with `/` between folders, sorted.
pub(crate) fn files_in(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    enter(folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

/// `prefix` is where `folder` lies: empty, or with a `/` at its end.
fn enter(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<()> {
    let unreadable = |source| Error::Io {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(unreadable)?;
        // Links to folders are not followed, so that a link to a folder above does not go on for ever.
        if kind.is_dir() {
            enter(&entry.path(), &format!("{name}/"), files)?;
        } else if entry.path().is_file() {
            files.push(name);
        }
    }
    Ok(())
}

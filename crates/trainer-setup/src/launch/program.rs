//! The file behind a program's name.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// A program as it was named, and where it is.
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    /// The file of that path, or, for a name alone, the first of that name on the PATH.
    pub(crate) fn find(name: &Path) -> Result<Self> {
        let on_path = || std::env::var_os("PATH").unwrap_or_default();
        let alone = name.components().count() == 1 && !name.is_absolute();
        let mut candidates = vec![name.to_path_buf()];
        if alone {
            candidates.extend(std::env::split_paths(&on_path()).map(|folder| folder.join(name)));
        }
        match candidates.into_iter().find(|path| path.is_file()) {
            // A link may lead to a folder with libtorch beside the program.
            Some(path) => Ok(Self {
                path: path.canonicalize()?,
            }),
            None => bail!(
                "{}: there is no such program{}",
                name.display(),
                if alone { ", nor one on the PATH" } else { "" }
            ),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a libtorch that came with it lies: beside it, in `lib` there, or in `lib` beside its folder.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let Some(own) = self.path.parent() else {
            return Vec::new();
        };
        let beside = own.parent().map(|above| above.join("lib"));
        [own.to_path_buf(), own.join("lib")]
            .into_iter()
            .chain(beside)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_itself_and_a_name_may_be_on_the_path() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a-program");
        std::fs::write(&path, "")?;
        let path = path.canonicalize()?;
        assert_eq!(Program::find(&path)?.path(), path);
        assert!(Program::find(Path::new("sh"))?.path().is_absolute());
        let error = Program::find(&folder.path().join("b"))
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.ends_with("b: there is no such program")));
        Ok(())
    }
}

//! The file: where it is, what state it is in, writing it.

use super::edit::{lines, with_libtorch};
use crate::crate_root;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// `.cargo/config.toml` in the root of a crate or its workspace.
pub(crate) struct ConfigFile {
    path: PathBuf,
}

/// Whether builds and programs find a libtorch by the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// They do.
    Leads,
    /// It says nothing of it, or has an earlier version's place.
    Lacks,
}

impl ConfigFile {
    /// That of the crate or workspace which the current folder belongs to; `None` outside of any.
    pub(crate) fn find() -> Result<Option<Self>> {
        Ok(crate_root::of_workspace()?.map(|root| Self::of(&root)))
    }

    pub(crate) fn of(root: &Path) -> Self {
        Self {
            path: root.join(".cargo/config.toml"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Compare it with what it should hold. An error where it cannot be read or holds something else in place of it.
    pub(crate) fn state(&self, libtorch: &Path) -> Result<State> {
        let text = self.read()?;
        let wanted = self.edited(&text, libtorch)?;
        Ok(if wanted == text {
            State::Leads
        } else {
            State::Lacks
        })
    }

    /// Write what lacks, and say whether anything did. The file appears whole or stays as it was.
    pub(crate) fn write(&self, libtorch: &Path) -> Result<bool> {
        let shown = self.path.display();
        let old = self.path.with_file_name("config");
        if old.is_file() {
            bail!(
                "{} is there, and cargo reads it in place of {shown}\nfix: rename it to config.toml, then run this again",
                old.display()
            );
        }
        let text = self.read()?;
        let wanted = self.edited(&text, libtorch)?;
        if wanted == text {
            return Ok(false);
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        // A link stays a link.
        let target = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        let staging = target.with_extension("toml.partial");
        fs::write(&staging, wanted).with_context(|| format!("{}", staging.display()))?;
        fs::rename(&staging, &target).with_context(|| format!("{}", target.display()))?;
        Ok(true)
    }

    fn edited(&self, text: &str, libtorch: &Path) -> Result<String> {
        with_libtorch(text, libtorch).map_err(|error| match lines(libtorch) {
            Ok(lines) => anyhow::anyhow!(
                "{}: {error:#}\nfix: let it have these lines, or remove what stands in their place and run `trainer setup`:\n\n{lines}",
                self.path.display()
            ),
            Err(error) => error,
        })
    }

    fn read(&self) -> Result<String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error).with_context(|| format!("{}", self.path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBTORCH: &str = "/c/trainer/libtorch-2.11.0";

    #[test]
    fn it_is_written_once() -> Result<()> {
        let root = tempfile::tempdir()?;
        let file = ConfigFile::of(root.path());
        let libtorch = Path::new(LIBTORCH);
        assert_eq!(file.state(libtorch)?, State::Lacks);
        assert!(file.write(libtorch)?);
        assert_eq!(file.state(libtorch)?, State::Leads);
        assert!(!file.write(libtorch)?);
        let names: Vec<_> = root.path().join(".cargo").read_dir()?.flatten().collect();
        assert_eq!(names.len(), 1);
        Ok(())
    }

    #[test]
    fn what_is_refused_stays_as_it_was_and_the_lines_are_shown() -> Result<()> {
        let root = tempfile::tempdir()?;
        let file = ConfigFile::of(root.path());
        fs::create_dir(root.path().join(".cargo"))?;
        let text = "[env]\nLIBTORCH = \"/opt/libtorch\"\n";
        fs::write(file.path(), text)?;
        let error = file
            .write(Path::new(LIBTORCH))
            .err()
            .context("was accepted")?;
        let said = format!("{error:#}");
        for part in [
            "config.toml: env.LIBTORCH is set already",
            "\"/opt/libtorch\"",
            &format!("LIBTORCH = \"{LIBTORCH}\""),
            "rustdocflags = [",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(fs::read_to_string(file.path())?, text);
        Ok(())
    }

    #[test]
    fn the_old_name_is_not_passed_over() -> Result<()> {
        let root = tempfile::tempdir()?;
        fs::create_dir(root.path().join(".cargo"))?;
        fs::write(root.path().join(".cargo/config"), "")?;
        let error = ConfigFile::of(root.path()).write(Path::new(LIBTORCH)).err();
        assert!(error.is_some_and(|error| format!("{error:#}").contains("rename it")));
        Ok(())
    }
}

//! Whose libtorch is used: the user's, or our own.

use super::home::Home;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// Where libtorch comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Choice {
    /// The checkout's `libtorch`, or the copy in the cache.
    Own(PathBuf),
    /// The folder that the user has set `LIBTORCH` to. It wins.
    Users(PathBuf),
}

impl Choice {
    /// By the environment variable `LIBTORCH`, or else `home`. An error where `LIBTORCH` is empty or relative.
    pub fn of(home: &Home) -> Result<Self> {
        Self::from(
            home.folder().to_path_buf(),
            std::env::var_os("LIBTORCH").map(PathBuf::from),
        )
    }

    /// A checkout's `.cargo/config.toml` sets `LIBTORCH` to the checkout's own folder where the user has not set it, also
    /// for this program; that value is no choice of the user's.
    fn from(own: PathBuf, set: Option<PathBuf>) -> Result<Self> {
        match set {
            None => Ok(Self::Own(own)),
            Some(set) if set == own => Ok(Self::Own(own)),
            Some(set) if set.as_os_str().is_empty() => {
                bail!("LIBTORCH is set to nothing\nfix: unset it")
            }
            Some(set) if set.is_relative() => bail!(
                "LIBTORCH={} is a relative path, which every crate would resolve from its own folder\n\
                 fix: set it to the absolute path",
                set.display()
            ),
            Some(set) => Ok(Self::Users(set)),
        }
    }

    /// The folder with `lib/` and `include/`. It need not exist.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Own(folder) | Self::Users(folder) => folder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_folder_wins_and_cargos_default_is_not_the_users() -> Result<()> {
        let own = PathBuf::from("/home/me/trainer/libtorch");
        let choice = |set: Option<&str>| Choice::from(own.clone(), set.map(PathBuf::from));
        assert_eq!(choice(None)?, Choice::Own(own.clone()));
        assert_eq!(
            choice(Some("/home/me/trainer/libtorch"))?,
            Choice::Own(own.clone())
        );
        assert_eq!(
            choice(Some("/home/me/trainer/libtorch/"))?,
            Choice::Own(own.clone())
        );
        assert_eq!(
            choice(Some("/opt/libtorch"))?,
            Choice::Users("/opt/libtorch".into())
        );
        assert!(choice(Some("")).is_err());
        assert!(choice(Some("../libtorch")).is_err());
        Ok(())
    }
}

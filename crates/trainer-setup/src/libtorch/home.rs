//! Where libtorch lies where the user has not set `LIBTORCH`.

use super::pins::TORCH;
use crate::cache;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// A checkout's own `libtorch`, or the copy in the user's cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
    checkout: bool,
}

impl Home {
    /// `libtorch` in the root of a checkout of this project: a folder, or a link to one.
    pub fn in_checkout(root: &Path) -> Self {
        Self {
            folder: root.join("libtorch"),
            checkout: true,
        }
    }

    /// `libtorch-VERSION` in [`cache::folder`], for every crate and every checkout. An error where there is no folder
    /// for caches.
    pub fn in_cache() -> Result<Self> {
        Ok(Self {
            folder: cache::folder()?.join(format!("libtorch-{TORCH}")),
            checkout: false,
        })
    }

    /// The folder or link. It need not exist.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Programs of a checkout find libtorch through its link `libtorch`, whichever folder is used.
    pub(super) fn link(&self) -> Option<&Path> {
        self.checkout.then_some(self.folder.as_path())
    }

    /// The command that sets libtorch up here.
    pub(crate) fn command(&self) -> &'static str {
        if self.checkout {
            "cargo xtask libtorch"
        } else {
            "trainer setup"
        }
    }
}

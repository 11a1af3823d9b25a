//! The real models and data that the tests read.

use crate::workspace::Workspace;
use std::fmt;
use std::path::PathBuf;

/// The real models and data for tests and comparisons, laid out as a hub cache.
pub(crate) enum Assets {
    /// The user's `HF_HUB_CACHE`.
    Given(PathBuf),
    /// The folder that lies beside the checkout.
    Beside(PathBuf),
    /// Neither is there: tests on real models and data say that they are skipped.
    Absent(PathBuf),
}

impl Assets {
    pub(crate) fn find(workspace: &Workspace) -> Self {
        let beside = workspace
            .root()
            .parent()
            .unwrap_or(workspace.root())
            .join("shared/assets/hub");
        match std::env::var_os("HF_HUB_CACHE") {
            Some(given) if !given.is_empty() => Self::Given(given.into()),
            _ if beside.is_dir() => Self::Beside(beside),
            _ => Self::Absent(beside),
        }
    }

    /// What the tests' environment needs beyond the user's own.
    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        match self {
            Self::Beside(path) => {
                let mut added = vec![("HF_HUB_CACHE", path.clone())];
                if std::env::var_os("HF_HUB_OFFLINE").is_none() {
                    added.push(("HF_HUB_OFFLINE", "1".into()));
                }
                added
            }
            Self::Given(_) | Self::Absent(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(path) if path.is_dir() => {
                write!(f, "real models and data: {} (HF_HUB_CACHE)", path.display())
            }
            Self::Given(path) => {
                write!(
                    f,
                    "real models and data: none, HF_HUB_CACHE={} is not a folder; their tests are skipped",
                    path.display()
                )
            }
            Self::Beside(path) => write!(f, "real models and data: {}", path.display()),
            Self::Absent(path) => write!(
                f,
                "real models and data: none (neither HF_HUB_CACHE nor {}); their tests are skipped",
                path.display()
            ),
        }
    }
}

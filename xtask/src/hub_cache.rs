//! The Hugging Face hub's cache folder, and the real models and data that the tests read.

use crate::workspace::Workspace;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where hub downloads are cached, by the rules of `huggingface_hub`: `HF_HUB_CACHE`, else its old name
/// `HUGGINGFACE_HUB_CACHE`, else `$HF_HOME/hub`, else `$XDG_CACHE_HOME/huggingface/hub`, else `~/.cache/huggingface/hub`. The second value names what decided.
pub(crate) fn folder() -> (PathBuf, &'static str) {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(path) = set("HF_HUB_CACHE") {
        (path, "HF_HUB_CACHE")
    } else if let Some(path) = set("HUGGINGFACE_HUB_CACHE") {
        (path, "HUGGINGFACE_HUB_CACHE")
    } else if let Some(path) = set("HF_HOME") {
        (path.join("hub"), "HF_HOME")
    } else if let Some(path) = set("XDG_CACHE_HOME") {
        (path.join("huggingface/hub"), "XDG_CACHE_HOME")
    } else {
        let home = std::env::home_dir().unwrap_or_default();
        (home.join(".cache/huggingface/hub"), "the default")
    }
}

/// Whether `HF_HUB_OFFLINE` is set to a true value, as `huggingface_hub` reads it.
pub(crate) fn offline() -> bool {
    std::env::var("HF_HUB_OFFLINE")
        .is_ok_and(|value| ["1", "ON", "YES", "TRUE"].contains(&value.to_uppercase().as_str()))
}

/// How many models and data sets a cache folder holds; `None` when there is no such folder.
pub(crate) fn contents(folder: &Path) -> Option<(usize, usize)> {
    let names: Vec<String> = folder
        .read_dir()
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let count = |prefix| names.iter().filter(|name| name.starts_with(prefix)).count();
    Some((count("models--"), count("datasets--")))
}

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

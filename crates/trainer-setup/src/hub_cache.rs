//! The Hugging Face hub's cache folder.

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

//! The user's cache: one copy of what is large, for every checkout and every crate.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;

/// `$XDG_CACHE_HOME/trainer`, or else `~/.cache/trainer`. It need not exist. An error where neither variable tells.
pub fn folder() -> Result<PathBuf> {
    from(std::env::var_os("XDG_CACHE_HOME"), std::env::home_dir())
        .context("no folder for caches\nfix: set HOME or XDG_CACHE_HOME to an absolute path")
}

/// A path that is not absolute is ignored, as the XDG specification asks.
fn from(cache: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let cache = cache.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = home.filter(|path| path.is_absolute());
    Some(
        cache
            .or_else(|| Some(home?.join(".cache")))?
            .join("trainer"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xdgs_folder_comes_first_and_only_absolute_paths_count() {
        let folder = |cache: &str, home: &str| from(Some(cache.into()), Some(home.into()));
        assert_eq!(folder("/c", "/h"), Some("/c/trainer".into()));
        for cache in ["", "c"] {
            assert_eq!(folder(cache, "/h"), Some("/h/.cache/trainer".into()));
        }
        assert_eq!(folder("", ""), None);
        assert_eq!(
            from(None, Some("/h".into())),
            Some("/h/.cache/trainer".into())
        );
    }
}

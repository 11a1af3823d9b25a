//! Disk space and sizes.

use anyhow::{Context, Result};
use std::path::Path;

/// Bytes that a program of this user may still write where `path` lies. `path` or one of its parents exists.
pub fn free(path: &Path) -> Result<u64> {
    let there = path
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."));
    let found = rustix::fs::statvfs(there)
        .with_context(|| format!("{}: free disk space", there.display()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Bytes as people read them, in decimal units.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(530_604_548), "531 MB");
        assert_eq!(size(2_750_000_000), "2.8 GB");
    }

    #[test]
    fn a_path_that_is_not_there_yet_has_the_space_of_its_parent() -> Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(free(&folder.path().join("not/yet"))? > 0);
        Ok(())
    }
}

//! The crate that the current folder belongs to.

use crate::prerequisites::first_line;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The nearest folder from here upwards with a `Cargo.toml`; `None` outside of any crate.
pub(crate) fn nearest() -> Result<Option<PathBuf>> {
    let here = std::env::current_dir().context("the current folder")?;
    let root = here
        .ancestors()
        .find(|folder| folder.join("Cargo.toml").is_file());
    Ok(root.map(Path::to_path_buf))
}

/// The root of its workspace, which is the crate's own where it is in none.
pub(crate) fn of_workspace() -> Result<Option<PathBuf>> {
    let Some(root) = nearest()? else {
        return Ok(None);
    };
    let mut cargo = Command::new("cargo");
    cargo
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .stderr(std::process::Stdio::inherit());
    let manifest = first_line(&mut cargo).with_context(|| {
        format!(
            "{}: `cargo locate-project --workspace` fails\nfix: see what it says above",
            root.display()
        )
    })?;
    Ok(Path::new(&manifest).parent().map(Path::to_path_buf))
}

//! What all comparisons do: an empty folder, programs one after the other.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use trainer_setup::disk;

/// Makes an empty folder on a disk that has room for `needed` bytes.
pub(super) fn empty_folder(folder: &Path, needed: u64) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (shown, free) = (folder.display(), disk::free(folder)?);
    println!(
        "up to {} are written into {shown}, and removed if all is equal",
        disk::size(needed)
    );
    if free < needed {
        bail!("only {} are free in {shown}", disk::size(free));
    }
    Ok(())
}

/// Runs a program that must succeed.
pub(super) fn succeed(command: &mut Command) -> Result<()> {
    if succeeds(command)? {
        return Ok(());
    }
    bail!("{} failed", command.get_program().display())
}

/// Whether a program, run to its end, succeeds.
pub(super) fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("{} did not start", command.get_program().display()))?;
    Ok(status.success())
}

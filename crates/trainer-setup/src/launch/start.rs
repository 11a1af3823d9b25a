//! Starting it.

use super::find::find;
use super::program::Program;
use anyhow::{Context, Result};
use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The variable that the dynamic linker looks into before a program's own run path.
const LIBRARY_PATH: &str = if cfg!(target_os = "macos") {
    "DYLD_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// Become the program, with the libtorch that was found for it. Comes back with an error alone.
pub fn run(program: &Path, args: &[OsString]) -> Result<Infallible> {
    let mut command = command(program)?;
    let error = command.args(args).exec();
    Err(error).with_context(|| format!("{} did not start", program.display()))
}

/// The program, to be started with the first libtorch there is: `LIBTORCH`, beside it, in the user's cache, in a Python's `torch`
/// of the same version. An error names each place that was looked at.
pub fn command(program: &Path) -> Result<Command> {
    let program = Program::find(program)?;
    let libraries = find(&program)?;
    let mut command = Command::new(program.path());
    let others = std::env::var_os(LIBRARY_PATH).unwrap_or_default();
    let others = std::env::split_paths(&others).filter(|folder| !folder.as_os_str().is_empty());
    let folders = std::env::join_paths([libraries].into_iter().chain(others))
        .context("a folder of libraries with a colon in its path")?;
    command.env(LIBRARY_PATH, folders);
    Ok(command)
}

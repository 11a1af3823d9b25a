//! `cargo xtask check-saved`: Python loads what was saved here and computes the same logits.

use crate::assets::Assets;
use crate::python_side;
use crate::workspace::{Workspace, pass_on};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(workspace: &Workspace, folder: &Path, predictions: &Path) -> Result<ExitCode> {
    for (path, what) in [
        (folder, "folder with a saved model"),
        (predictions, "file of predictions"),
    ] {
        if !path.exists() {
            bail!("{}: there is no such {what}", path.display());
        }
    }
    let python = python_side::ensure(workspace)?;
    let mut command = python.command();
    command
        .arg(workspace.path("parity/check_saved.py"))
        .arg(folder)
        .arg(predictions);
    pass_on(command.envs(Assets::find(workspace).environment()))
}

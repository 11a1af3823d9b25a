//! `cargo xtask bundle`: an example, or any program of this checkout, in a folder for machines that have nothing of it.

use crate::example;
use crate::workspace::Workspace;
use anyhow::Result;
use std::process::ExitCode;
use trainer_setup::bundle::{self, Options};

/// Bundle the program of that path; a name that is no file is that of an example, which is built first.
pub(crate) fn run(workspace: &Workspace, mut options: Options) -> Result<ExitCode> {
    if let Some(name) = options.program.to_str().filter(|name| !name.contains('/')) {
        options.program = example::build(workspace, name)?;
    }
    bundle::run(&options, Some(&workspace.path("crates/trainer")))?;
    Ok(ExitCode::SUCCESS)
}

//! The hub: whether Python's `huggingface_hub` finds the server of the tests fair, and each side the other's files.

use super::steps::succeeds;
use crate::{python_side, workspace::Workspace};
use anyhow::Result;
use std::process::ExitCode;

/// Runs the tests that need Python.
pub(super) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let python = python_side::ensure(workspace)?;
    let tests = ["test", "--package", "trainer-data", "--test", "it"];
    let mut cargo = workspace.cargo();
    cargo
        .args(tests)
        .args(["hub_python::", "--", "--ignored"])
        .env("TRAINER_PYTHON", python.command().get_program());
    Ok(match succeeds(&mut cargo)? {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

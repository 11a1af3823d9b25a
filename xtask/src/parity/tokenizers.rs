//! Tokenizers: what they make of texts in Python and here.

use super::options::Options;
use super::steps::{empty_folder, succeed, succeeds};
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::process::ExitCode;

/// What a run leaves for all tokenizers.
const BYTES_OF_TEXTS: u64 = 1_500_000_000;

/// Lets Python write what its tokenizers make of texts, and the example compare it with what is made here.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let programs = Programs::without_libtorch(workspace, "trainer-tokenize", "parity_tokens")?;
    let out = workspace.path("out/parity_tokens");
    empty_folder(&out, BYTES_OF_TEXTS)?;
    let mut python = programs.script("tokenizer_texts.py");
    succeed(python.arg(&out).args(&options.only))?;
    if !succeeds(programs.rust().arg(&out))? {
        return Ok(ExitCode::FAILURE);
    }
    std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

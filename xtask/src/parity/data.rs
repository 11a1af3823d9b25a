//! Data files: what they become in Python and here.

use super::options::Options;
use super::steps::{empty_folder, succeed, succeeds};
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::process::ExitCode;

/// How many random files there are unless it is said.
const FILES: u32 = 10_000;
/// What both sides write of a file, and the file itself.
const BYTES_OF_A_FILE: u64 = 20_000;
/// What both sides write of the data sets.
const BYTES_OF_DATA_SETS: u64 = 50_000_000;

/// Makes random files, lets both sides load these and the data sets of the hub's cache, and compares what they became.
pub(super) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let programs = Programs::without_libtorch(workspace, "trainer-data", "parity_data")?;
    let out = workspace.path("out/parity_data");
    let files = options.files.unwrap_or(FILES);
    empty_folder(
        &out,
        u64::from(files) * BYTES_OF_A_FILE + BYTES_OF_DATA_SETS,
    )?;
    let [files, seed] =
        [u64::from(files), options.seed.unwrap_or(0)].map(|number| number.to_string());
    let [list, python, here] =
        ["list", "python", "here"].map(|name| out.join(name).with_extension("jsonl"));

    succeed(
        programs
            .script("random_data.py")
            .arg(&out)
            .args([files, seed]),
    )?;
    succeed(programs.rust().arg(&list).arg(&here))?;
    succeed(programs.script("data_values.py").arg(&list).arg(&python))?;
    let mut compare = programs.script("compare_data.py");
    if !succeeds(compare.arg(&list).arg(&python).arg(&here))? {
        return Ok(ExitCode::FAILURE);
    }
    std::fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

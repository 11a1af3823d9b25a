//! Building and running the examples that are compared with Python.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Stdio;

/// Build one of the examples of `trainer` and give the path of the program.
pub(crate) fn build(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    build_of(workspace, "trainer", name)
}

/// As [`build`], of any package of the workspace.
pub(crate) fn build_of(workspace: &Workspace, package: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--release",
        "--package",
        package,
        "--example",
        name,
    ]);
    cargo
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let output = cargo.output().context("cargo build")?;
    if !output.status.success() {
        bail!("the example {name} was not built");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact" && message["target"]["name"] == name
        })
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .with_context(|| format!("cargo did not say where the example {name} is"))
}

/// The user's number of threads, or one per core, as both programs would choose.
pub(crate) fn threads() -> String {
    let cores = || {
        std::thread::available_parallelism()
            .map_or(1, std::num::NonZero::get)
            .to_string()
    };
    std::env::var("OMP_NUM_THREADS").unwrap_or_else(|_| cores())
}

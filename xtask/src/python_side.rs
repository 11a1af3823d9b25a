//! The Python side of a comparison: a virtual environment outside the repository.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use trainer_setup::{cache, python::Python};

/// The pinned packages need it.
const OLDEST_PYTHON: (u32, u32) = (3, 11);

/// Compares the pins on its command line with what is installed, and imports the large ones.
const CHECK: &str = "
import importlib.metadata, sys
for pin in sys.argv[1:]:
    name, version = pin.split('==')
    found = importlib.metadata.version(name)
    if found.split('+')[0] != version:
        sys.exit(f'{name} is {found}, not {version}')
import accelerate, datasets, sklearn, torch, transformers
print('yes')
";

/// The interpreter of a virtual environment with `parity/requirements.txt` installed.
///
/// A stamp with the requirements is written into it last: without the stamp, or with another one, the environment is
/// checked by its packages' versions and made anew when they do not fit.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Python> {
    let requirements = workspace.path("parity/requirements.txt");
    let text =
        fs::read_to_string(&requirements).with_context(|| format!("{}", requirements.display()))?;
    let pins: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let folder = cache::folder()?.join("python");
    let stamp = folder.join("trainer-requirements.txt");

    let there = Python::at(&folder.join("bin/python"));
    if let Some(python) = there {
        if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == pins.join("\n")) {
            return Ok(python);
        }
        if fits(&python, &pins) {
            write_stamp(&stamp, &pins)?;
            return Ok(python);
        }
    }
    let python = install(&folder, &requirements)?;
    if !fits(&python, &pins) {
        bail!(
            "{}: the packages do not have the pinned versions, or do not load",
            folder.display()
        );
    }
    write_stamp(&stamp, &pins)?;
    Ok(python)
}

fn fits(python: &Python, pins: &[&str]) -> bool {
    let output = python.command().args(["-c", CHECK]).args(pins).output();
    output.is_ok_and(|output| output.status.success())
}

fn install(folder: &Path, requirements: &Path) -> Result<Python> {
    let system = Python::with_venv(OLDEST_PYTHON)?;
    eprintln!("installing the Python side into {}", folder.display());
    eprintln!(
        "  torch, transformers, datasets, accelerate, scikit-learn from PyPI: about 3 GB to download, 5.5 GB on the disk"
    );
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    let status = system
        .command()
        .args(["-m", "venv"])
        .arg(folder)
        .status()
        .context("python -m venv")?;
    if !status.success() {
        bail!("{} -m venv {} failed", system.name(), folder.display());
    }
    let path = folder.join("bin/python");
    let python = Python::at(&path).with_context(|| format!("{} does not run", path.display()))?;
    let list = requirements
        .to_str()
        .with_context(|| format!("{}: the path is not Unicode", requirements.display()))?;
    if let Err(failure) = python.run_pip(&["install", "--no-cache-dir", "--requirement", list])? {
        bail!(
            "pip could not install the Python side: {failure}\nfix: see pip's messages above, then run this again"
        );
    }
    Ok(python)
}

fn write_stamp(stamp: &Path, pins: &[&str]) -> Result<()> {
    fs::write(stamp, pins.join("\n")).with_context(|| format!("{}", stamp.display()))
}

//! One wheel from PyPI by pip: that of the machine's own Python, or of any other.

use super::pins::{Pin, Platform, TORCH};
use crate::python::{PipFailure, Python};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Pythons that PyPI has a torch wheel for: the libraries in all of them serve.
const OTHER_PYTHONS: [&str; 4] = ["3.12", "3.13", "3.11", "3.10"];

/// Fetch a package's wheel into `folder` and give its path. pip compares it with the hash that the index gives; a wheel
/// that lies there already and is whole is not fetched again.
pub(super) fn download(
    python: &Python,
    platform: Platform,
    pin: &Pin,
    folder: &Path,
) -> Result<PathBuf> {
    let into = folder
        .to_str()
        .with_context(|| format!("{}: the path is not Unicode", folder.display()))?;
    let wanted = format!("{}=={}", pin.package, pin.version);
    // No cache: old pips hold the whole wheel in memory for it, and it would cost its size again on the disk.
    let common = [
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",
        "--dest",
        into,
        wanted.as_str(),
    ];

    let mut failure = match python.run_pip(&common)? {
        Ok(()) => return find(pin, folder),
        Err(failure) => failure,
    };
    let (major, minor) = python.version();
    let own = format!("{major}.{minor}");
    for version in OTHER_PYTHONS.into_iter().filter(|version| *version != own) {
        if !matches!(failure, PipFailure::NoWheel(_)) {
            break;
        }
        println!("no wheel of {wanted} for Python {own} here; asking for that of Python {version}");
        let mut args = common.to_vec();
        args.extend(["--implementation", "cp", "--python-version", version]);
        for name in platform.pip_names() {
            args.extend(["--platform", name]);
        }
        match python.run_pip(&args)? {
            Ok(()) => return find(pin, folder),
            Err(next) => failure = next,
        }
    }
    match failure {
        PipFailure::Network => bail!(
            "pip did not reach the package index; its messages are above\n\
             fix: check the network and pip's index and proxy (`{} -m pip config list`), or set LIBTORCH to a libtorch {TORCH}",
            python.name()
        ),
        PipFailure::NoWheel(said) => bail!(
            "the package index has no wheel of {wanted} for this machine: {said}\n\
             fix: upgrade a pip older than 20.3 (`{name} -m pip install --upgrade pip`), use an index that mirrors PyPI (`{name} -m pip config list`),\n\
             or set LIBTORCH to a libtorch {TORCH}",
            name = python.name()
        ),
        PipFailure::Other(said) => bail!(
            "pip could not fetch {wanted}: {said}\nfix: see pip's messages above, then run this again"
        ),
    }
}

fn find(pin: &Pin, folder: &Path) -> Result<PathBuf> {
    let start = format!("{}-{}-", pin.package.replace('-', "_"), pin.version);
    let entries = folder
        .read_dir()
        .with_context(|| format!("{}", folder.display()))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&start))
        })
        .with_context(|| format!("{}: pip left no {start}*.whl there", folder.display()))
}

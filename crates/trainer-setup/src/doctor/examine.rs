//! The examination, in the order in which things are needed.

use super::report::Report;
use super::{crate_here, cuda, processor};
use crate::hub_cache;
use crate::libtorch::{self, Choice, Depth, Home, Manifest};
use crate::prerequisites::{FIX_COMPILER, compiler, first_line};
use crate::python::{FIX_PYTHON, Python};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// A release build with its tests takes about this much.
const ROOM: u64 = 10_000_000_000;

/// Print what was found for the checkout in `root`. Failure when something prevents building.
pub fn run(root: &Path) -> ExitCode {
    let mut report = Report::default();
    machine(&mut report, &Home::in_checkout(root), root);
    report.exit_code()
}

/// As [`run`], for the crate that the current folder belongs to, if any, and the copy of libtorch in the user's cache.
pub fn run_here() -> Result<ExitCode> {
    let mut report = Report::default();
    let home = Home::in_cache()?;
    machine(&mut report, &home, Path::new("."));
    crate_here::examine(&mut report, &home)?;
    Ok(report.exit_code())
}

fn machine(report: &mut Report, home: &Home, root: &Path) {
    compilers(report);
    let ready = libtorch(report, home);
    python(report, ready.is_some());
    processor::examine(report);
    let folder = ready.unwrap_or_else(|| home.folder().to_path_buf());
    cuda::examine(report, &folder, home.command());
    hub(report);
    disk(report, root);
}

fn compilers(report: &mut Report) {
    let rustc = first_line(Command::new("rustc").arg("--version"))
        .unwrap_or_else(|| "not on the PATH".to_owned());
    report.found("Rust", rustc);
    for (kind, variable, default) in [("C", "CC", "cc"), ("C++", "CXX", "c++")] {
        match compiler(variable, default) {
            Some(version) => report.found(kind, version),
            None => {
                report.found(kind, "no compiler");
                report.block(
                    format!("neither {variable} nor `{default}` runs"),
                    FIX_COMPILER,
                );
            }
        }
    }
}

/// The libtorch that builds will use, if it can be used.
fn libtorch(report: &mut Report, home: &Home) -> Option<PathBuf> {
    let command = home.command();
    let choice = match Choice::of(home) {
        Ok(choice) => choice,
        Err(error) => {
            report.found("libtorch", "none");
            report.block(
                format!("{error:#}"),
                format!("unset LIBTORCH, then `{command}`"),
            );
            return None;
        }
    };
    let folder = choice.folder().to_path_buf();
    let shown = place(&folder, &choice);
    if folder.join("manifest.json").is_file() {
        match Manifest::check(&folder, Depth::Hashes) {
            Ok(manifest) => {
                let bytes: u64 = manifest.libraries.iter().map(|library| library.size).sum();
                let whole = format!(
                    "{} libraries of {}, whole",
                    manifest.libraries.len(),
                    crate::disk::size(bytes)
                );
                report.found(
                    "libtorch",
                    format!("{} in {shown}: {whole}", libtorch::TORCH),
                );
                return Some(folder);
            }
            Err(error) => {
                report.found("libtorch", shown);
                report.block(
                    format!("it is damaged: {error:#}"),
                    fix(&choice, command, " --verify"),
                );
                return None;
            }
        }
    }
    match libtorch::check_folder(&folder) {
        Ok(version) => {
            report.found(
                "libtorch",
                format!("{version} in {shown}, not set up by `{command}`"),
            );
            Some(folder)
        }
        Err(error) => {
            report.found("libtorch", "none");
            report.block(format!("{error:#}"), fix(&choice, command, ""));
            None
        }
    }
}

fn place(folder: &Path, choice: &Choice) -> String {
    match (choice, folder.read_link()) {
        (Choice::Users(_), _) => format!("{} (LIBTORCH)", folder.display()),
        (Choice::Own(_), Ok(linked)) => {
            format!("{} (linked from {})", linked.display(), folder.display())
        }
        (Choice::Own(_), Err(_)) => folder.display().to_string(),
    }
}

fn fix(choice: &Choice, command: &str, option: &str) -> String {
    match choice {
        Choice::Own(_) => format!("{command}{option}"),
        Choice::Users(_) => format!(
            "set LIBTORCH to a libtorch {}, or unset it, then `{command}`",
            libtorch::TORCH
        ),
    }
}

fn python(report: &mut Report, have_libtorch: bool) {
    match Python::with_pip() {
        Ok(python) => {
            let (major, minor) = python.version();
            let pip = python.pip().unwrap_or_default();
            let pip = pip.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
            report.found("Python", format!("{major}.{minor} with {pip}"));
        }
        Err(error) => {
            report.found("Python", "none with pip");
            let problem = format!("{error:#}");
            let problem = problem.lines().next().unwrap_or_default();
            if have_libtorch {
                report.warn(
                    format!("{problem} (needed for set-up and comparisons)"),
                    FIX_PYTHON,
                );
            } else {
                report.block(problem, FIX_PYTHON);
            }
        }
    }
}

fn hub(report: &Report) {
    let (folder, by) = hub_cache::folder();
    let contents = match hub_cache::contents(&folder) {
        Some((models, datasets)) => format!("{models} models, {datasets} data sets"),
        None => "not there yet".to_owned(),
    };
    let offline = if hub_cache::offline() {
        "offline (HF_HUB_OFFLINE)"
    } else {
        "online"
    };
    report.found(
        "hub cache",
        format!("{} (by {by}): {contents}; {offline}", folder.display()),
    );
    if hub_cache::offline() && hub_cache::contents(&folder).is_none_or(|(models, _)| models == 0) {
        report.warn(
            "offline with no model in the cache",
            "unset HF_HUB_OFFLINE, or set HF_HUB_CACHE to a folder that has some",
        );
    }
}

fn disk(report: &Report, root: &Path) {
    match crate::disk::free(root) {
        Ok(free) => {
            report.found("disk", format!("{} free", crate::disk::size(free)));
            if free < ROOM {
                report.warn(
                    format!(
                        "a release build with its tests takes up to {}",
                        crate::disk::size(ROOM)
                    ),
                    "make room, or set CARGO_TARGET_DIR to a folder on another disk",
                );
            }
        }
        Err(error) => report.warn(format!("{error:#}"), "check the disk"),
    }
}

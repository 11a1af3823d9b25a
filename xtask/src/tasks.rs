//! The two commands of a newcomer: the demo and the tests, each with all its set-up.

use crate::assets::Assets;
use crate::workspace::{Workspace, pass_on};
use anyhow::Result;
use std::process::ExitCode;
use trainer_setup::{libtorch, prerequisites};

/// Set up, then build and run `examples/quickstart` with `args`.
pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    set_up(workspace)?;
    let mut cargo = workspace.cargo();
    cargo
        .args([
            "run",
            "--release",
            "--package",
            "trainer",
            "--example",
            "quickstart",
            "--",
        ])
        .args(args);
    pass_on(&mut cargo)
}

/// Set up, then `cargo test` with `args`; of the whole workspace unless they name a package.
pub(crate) fn test(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    set_up(workspace)?;
    let assets = Assets::find(workspace);
    println!("{assets}");

    let mut cargo = workspace.cargo();
    cargo.arg("test");
    if !names_a_package(args) {
        cargo.arg("--workspace");
    }
    cargo.args(args).envs(assets.environment());
    pass_on(&mut cargo)
}

fn set_up(workspace: &Workspace) -> Result<()> {
    prerequisites::check_compilers()?;
    libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
    Ok(())
}

/// Whether cargo's own arguments (those before `--`) choose packages.
fn names_a_package(args: &[String]) -> bool {
    args.iter().take_while(|arg| *arg != "--").any(|arg| {
        arg == "--workspace"
            || arg.starts_with("--package")
            || arg.starts_with("--manifest-path")
            || is_short(arg)
    })
}

/// `-p NAME` and `-pNAME`.
fn is_short(arg: &str) -> bool {
    arg.starts_with("-p")
}

#[cfg(test)]
mod tests {
    use super::names_a_package;

    #[test]
    fn package_flags_count_only_before_the_dashes() {
        let args = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for given in [
            "-p xtask",
            "-pxtask",
            "--package xtask",
            "--package=xtask",
            "--release -p xtask",
            "--workspace",
        ] {
            assert!(names_a_package(&args(given)), "{given}");
        }
        for given in ["", "--release", "--lib some_name", "-- -p"] {
            assert!(!names_a_package(&args(given)), "{given}");
        }
    }
}

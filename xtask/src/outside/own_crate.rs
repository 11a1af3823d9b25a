//! The steps.

use super::bundled;
use super::readme;
use super::shell::{Shell, must};
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use trainer_setup::prerequisites;

/// Does all of it in a temporary folder, which goes again; what was compiled is kept in the target folder.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    let shell = Shell::open(workspace)?;
    let lines = readme::lines(workspace)?;
    say(&format!("what the README says\n{lines}"));
    must(
        shell
            .command("sh", workspace.root())?
            .args(["-euc", &lines]),
    )?;

    say("setting up again changes nothing, and the doctor is content");
    let config = shell.program().join(".cargo/config.toml");
    let before = fs::read(&config).with_context(|| format!("{}", config.display()))?;
    must(&mut shell.in_crate("trainer", &["setup"])?)?;
    if fs::read(&config).ok().as_ref() != Some(&before) {
        bail!("a second `trainer setup` changed {}", config.display());
    }
    must(&mut shell.in_crate("trainer", &["doctor"])?)?;

    say(
        "examples/my_program: a model, an optimizer, a schedule, a metric, a callback and a collator of one's own",
    );
    copy(&workspace.path("examples/my_program"), &shell.program())?;
    // The versions that the checkout was tested with, without asking the registry.
    let lock = workspace.path("Cargo.lock");
    fs::copy(&lock, shell.program().join("Cargo.lock"))
        .with_context(|| format!("{}", lock.display()))?;
    must(&mut shell.in_crate("cargo", &["fmt", "--check"])?)?;
    must(&mut shell.in_crate("cargo", &["test"])?)?;
    must(&mut shell.in_crate("cargo", &["run"])?)?;

    say("a bundle of it");
    bundled::check(&shell)?;
    println!("\nall of it works outside the checkout");
    Ok(ExitCode::SUCCESS)
}

fn say(what: &str) {
    println!("\n--- {}", what.trim_end());
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{}", to.display()))?;
    for entry in from
        .read_dir()
        .with_context(|| format!("{}", from.display()))?
    {
        let path = entry.with_context(|| format!("{}", from.display()))?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &to)?;
        } else {
            fs::copy(&path, &to).with_context(|| format!("{}", path.display()))?;
        }
    }
    Ok(())
}

//! `cargo xtask gpu`: a folder of programs that checks and times this project on a machine with a GPU, where there is neither network nor
//! compiler, but PyTorch.

use crate::example;
use crate::workspace::{Workspace, pass_on};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use trainer_setup::{bundle, cache, disk, libtorch, prerequisites};

/// Flags of `cargo xtask gpu`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder that is made anew
    #[arg(long, value_name = "FOLDER", default_value = "out/gpu")]
    into: PathBuf,
    /// Run it here too; without a GPU it ends where it has looked for one, with status 3
    #[arg(long)]
    run: bool,
    /// The Python whose torch is used by --run; by default that of the Python side, if it is set up, else python3
    #[arg(long, value_name = "PYTHON", requires = "run")]
    python: Option<PathBuf>,
    /// Passed to run.sh by --run, such as `--device cpu`
    #[arg(last = true, requires = "run")]
    args: Vec<String>,
}

/// What runs there: checks and times, and two examples that need no file.
const PROGRAMS: [&str; 3] = ["gpu_check", "quickstart", "custom_model"];

/// Files beside the programs, and their names there.
const FILES: [(&str, &str); 3] = [
    ("parity/gpu_run.py", "run.py"),
    ("parity/gpu.py", "gpu.py"),
    ("examples/gpu_check/sizes.json", "sizes.json"),
];

const RUN: &str = "#!/bin/sh
# Checks and times trainer on this machine's GPU. PYTHON is one that has torch, python3 by default.
#   ./run.sh [PYTHON] [FLAGS of run.py; --help names them]
here=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd) || exit 1
python=python3
case ${1:--} in -*) ;; *) python=$1; shift ;; esac
command -v \"$python\" >/dev/null || { echo \"this machine does not fit: there is no $python\" >&2; exit 3; }
exec \"$python\" \"$here/run.py\" \"$@\"
";

/// More than this is a burden to carry.
const LIMIT: u64 = 70_000_000;

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
    let into = workspace.root().join(&options.into);
    clear(&into)?;
    fs::create_dir_all(&into).with_context(|| format!("{}", into.display()))?;
    let mut glibc = 0;
    for name in PROGRAMS {
        let program = example::build(workspace, name)?;
        let packed = into.join(name);
        strip(&program, &packed)?;
        glibc = glibc.max(bundle::glibc_asked_for(&packed)?);
    }
    for (from, to) in FILES {
        let from = workspace.path(from);
        fs::copy(&from, into.join(to)).with_context(|| format!("{}", from.display()))?;
    }
    let built = serde_json::json!({
        "torch": libtorch::TORCH,
        "machine": std::env::consts::ARCH,
        "glibc": glibc,
        "commit": commit(workspace),
    });
    write(&into.join("built.json"), &built.to_string())?;
    let start = into.join("run.sh");
    write(&start, RUN)?;
    fs::set_permissions(&start, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("{}", start.display()))?;
    let bytes = size(&into)?;
    if bytes > LIMIT {
        bail!(
            "{}: {}, more than {}",
            into.display(),
            disk::size(bytes),
            disk::size(LIMIT)
        );
    }
    println!(
        "{}: {}; copy it to a machine with a GPU, glibc 2.{glibc} or newer and a Python with PyTorch {} for CUDA, and start run.sh there",
        into.display(),
        disk::size(bytes),
        libtorch::TORCH
    );
    match options.run {
        true => start_here(workspace, options, &start),
        false => Ok(ExitCode::SUCCESS),
    }
}

fn start_here(workspace: &Workspace, options: &Options, start: &Path) -> Result<ExitCode> {
    let of_python_side = cache::folder()?.join("python/bin/python");
    let python = match &options.python {
        Some(python) => python.clone(),
        None if of_python_side.is_file() => of_python_side,
        None => "python3".into(),
    };
    let mut command = workspace.command(start);
    pass_on(command.arg(python).args(&options.args))
}

/// A copy of a program without its tables of symbols and lines, a tenth of its size.
fn strip(program: &Path, into: &Path) -> Result<()> {
    let status = Command::new("strip")
        .arg("-o")
        .args([into, program])
        .status()
        .context("strip does not start\nfix: install binutils (`apt install binutils`, `dnf install binutils`)")?;
    if !status.success() {
        bail!("strip {} failed ({status})", program.display());
    }
    Ok(())
}

/// The commit that is checked out, with a mark where files differ from it.
fn commit(workspace: &Workspace) -> String {
    let git = workspace
        .command(Path::new("git"))
        .args(["describe", "--always", "--dirty"])
        .output();
    let said = git.ok().filter(|output| output.status.success());
    said.map_or_else(
        || "of no commit".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Removes what this program has made there before, and nothing else.
fn clear(folder: &Path) -> Result<()> {
    let empty = fs::read_dir(folder).map_or(true, |mut files| files.next().is_none());
    if !empty && !folder.join("built.json").is_file() {
        bail!(
            "{} holds other files\nfix: name another folder with --into",
            folder.display()
        );
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{}", file.display()))
}

/// Bytes of the files in a folder.
fn size(folder: &Path) -> Result<u64> {
    let files = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    files.map(|file| Ok(file?.metadata()?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_sh_starts_the_python_that_is_named() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let at = folder.path().canonicalize()?;
        let start = at.join("run.sh");
        write(&start, RUN)?;
        let run = |args: &[&str]| Command::new("sh").arg(&start).args(args).output();
        // In place of a Python, to see what it would get.
        let said = run(&["echo", "--device", "cpu"])?.stdout;
        let expected = format!("{} --device cpu\n", at.join("run.py").display());
        assert_eq!(String::from_utf8_lossy(&said), expected);
        let missing = run(&["no-such-python"])?;
        assert_eq!(missing.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no no-such-python"));
        Ok(())
    }

    #[test]
    fn a_folder_of_others_is_left_alone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        clear(&folder.path().join("new"))?;
        let notes = folder.path().join("notes");
        write(&notes, "mine")?;
        assert!(clear(folder.path()).is_err());
        assert!(notes.is_file());
        // One that was made here goes whole.
        write(&folder.path().join("built.json"), "{}")?;
        clear(folder.path())?;
        assert!(!notes.exists());
        Ok(())
    }
}

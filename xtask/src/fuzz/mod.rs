//! `cargo xtask fuzz`: the readers of files, given what nobody would write.
//!
//! Without options every target gets the inputs of `fuzz/corpus` and of `../shared/cases/hostile`, each in a process of its own
//! with bounded memory and time: `.ci/run` does so. With `--minutes` libFuzzer makes inputs of its own from them and from the
//! files of the tests. It needs no nightly compiler: the pass that counts which code ran is in every one.

mod inputs;
mod longer;
mod one;

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use trainer_setup::{libtorch, prerequisites};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Targets; all of them unless some are named
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Let libFuzzer make inputs for each target, for so many minutes
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// Leave out the targets that need libtorch
    #[arg(long)]
    without_torch: bool,
    /// Replay in a build as users have it, where sums overflow without a word
    #[arg(long, conflicts_with = "minutes")]
    release: bool,
}

/// What may be built with libtorch or without.
struct Build<'w> {
    workspace: &'w Workspace,
    without_torch: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    if !options.without_torch {
        libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
    }
    let build = Build {
        workspace,
        without_torch: options.without_torch,
    };
    let targets = inputs::targets(workspace, options.without_torch)?;
    if let Some(unknown) = options.targets.iter().find(|name| !targets.contains(name)) {
        bail!(
            "there is no target {unknown}; targets are {}",
            targets.join(", ")
        );
    }
    let chosen = match options.targets.is_empty() {
        true => &targets,
        false => &options.targets,
    };
    match options.minutes {
        None => replay(&build, chosen, options.release),
        Some(minutes) => longer::run(&build, chosen, minutes),
    }
}

/// Gives each target the inputs that are kept for it.
fn replay(build: &Build<'_>, targets: &[String], release: bool) -> Result<ExitCode> {
    let (profile, folder) = match release {
        true => ("release", "release"),
        false => ("dev", "debug"),
    };
    let arguments = ["build", "--bin", "replay", "--profile", profile];
    let program = build.cargo(&arguments, None)?.join(folder).join("replay");
    let mut inputs = Vec::new();
    for target in targets {
        let kept = inputs::kept(build.workspace, target)?;
        inputs.extend(kept.into_iter().map(|input| (target.as_str(), input)));
    }
    // Each waits for processes of one thread.
    let next = AtomicUsize::new(0);
    let work = || -> Result<usize> {
        let mut wrong = 0;
        while let Some((target, input)) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(finding) = one::run(build, &program, target, input)? {
                println!("{target} {}: {finding}", input.display());
                wrong += 1;
            }
        }
        Ok(wrong)
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let found: Vec<Result<usize>> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = handles.into_iter().map(|handle| handle.join());
        ended
            .map(|result| result.unwrap_or_else(|_| bail!("a thread failed")))
            .collect()
    });
    let wrong = found.into_iter().sum::<Result<usize>>()?;
    println!("{} inputs, {wrong} of them found something", inputs.len());
    Ok(match wrong {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

impl Build<'_> {
    /// Calls cargo for the package of the targets; gives the folder that it builds into.
    fn cargo(&self, arguments: &[&str], rustflags: Option<&str>) -> Result<PathBuf> {
        let (mut cargo, target) = (self.workspace.cargo(), self.workspace.target());
        let target = match rustflags {
            Some(_) => target.join("fuzz"),
            None => target,
        };
        let (command, more) = arguments.split_first().context("a command of cargo")?;
        cargo
            .args([
                command,
                "--quiet",
                "--manifest-path",
                "fuzz/Cargo.toml",
                "--target-dir",
            ])
            .arg(&target)
            .args(more);
        if self.without_torch {
            cargo.arg("--no-default-features");
        }
        if let Some(rustflags) = rustflags {
            cargo.env("RUSTFLAGS", rustflags);
        }
        let status = cargo.status().context("cargo did not start")?;
        if !status.success() {
            bail!("the targets do not build");
        }
        Ok(target)
    }

    /// A program that finds libtorch, with bounded memory and, perhaps, seconds of the processor, whose temporary files are in
    /// a folder of their own.
    fn bounded(&self, program: &Path, temporary: &Path, seconds: Option<u64>) -> Command {
        let time = seconds.map_or(String::new(), |seconds| format!("ulimit -t {seconds}; "));
        let limits = format!(
            "{time}ulimit -d {}; ulimit -c 0; exec .cargo/run \"$0\" \"$@\"",
            one::MOST_KIB
        );
        let mut command = self.workspace.command(Path::new("sh"));
        command
            .args(["-c", &limits])
            .arg(program)
            .env("TMPDIR", temporary)
            .env("HF_HUB_OFFLINE", "1")
            // Each thread of OpenMP would take memory of its own.
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::null());
        command
    }
}

/// A folder for the files of a process, in memory where there is such a place.
fn temporary() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    made.context("a temporary folder")
}

//! The user whose machine it is: a home of their own, no `LIBTORCH`, and a cache that has libtorch already.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use trainer_setup::libtorch::{self, TORCH};

/// What would tell a build or a program where libtorch is, or keep them from being told by their crate.
const TOLD: [&str; 7] = [
    "LIBTORCH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
];

/// A home in a temporary folder, which goes when this does.
pub(super) struct Shell<'a> {
    workspace: &'a Workspace,
    home: tempfile::TempDir,
    target: PathBuf,
}

impl<'a> Shell<'a> {
    /// The cache has a link to the checkout's libtorch, which is not downloaded again; it lies where what is built is kept, since
    /// the builds know its path.
    pub(super) fn open(workspace: &'a Workspace) -> Result<Self> {
        let target = workspace.target();
        let there = libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
        let shell = Self {
            workspace,
            home: tempfile::tempdir().context("a temporary folder")?,
            target: target.join("outside"),
        };
        let link = shell.libtorch();
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        }
        shell.empty_cache()?;
        let there = there
            .canonicalize()
            .with_context(|| format!("{}", there.display()))?;
        std::os::unix::fs::symlink(there, &link).with_context(|| format!("{}", link.display()))?;
        Ok(shell)
    }

    /// The folder of the crate that the README makes.
    pub(super) fn program(&self) -> PathBuf {
        self.home.path().join("my-program")
    }

    /// A path in the home.
    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// What the crate's builds leave.
    pub(super) fn built(&self, below: &str) -> PathBuf {
        self.target.join(below)
    }

    /// The copy of libtorch in the cache.
    pub(super) fn libtorch(&self) -> PathBuf {
        self.target.join(format!("cache/trainer/libtorch-{TORCH}"))
    }

    /// From here on the cache has no libtorch.
    pub(super) fn empty_cache(&self) -> Result<()> {
        let link = self.libtorch();
        match fs::remove_file(&link) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{}", link.display()))
            }
            _ => Ok(()),
        }
    }

    /// A program as this user starts it, in `folder`.
    pub(super) fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Result<Command> {
        let mut command = self.workspace.command(program.as_ref());
        command.current_dir(folder);
        // `.cargo/run` and cargo have told this program where libtorch is.
        for name in TOLD {
            command.env_remove(name);
        }
        let real = std::env::home_dir().context("no home folder")?;
        for (name, below) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none() {
                command.env(name, real.join(below));
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let bin = self.path("installed/bin");
        let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&path)))?;
        command
            .env("HOME", self.home.path())
            .env("XDG_CACHE_HOME", self.target.join("cache"))
            .env("CARGO_INSTALL_ROOT", self.path("installed"))
            .env("CARGO_TARGET_DIR", self.workspace.target())
            .env("PATH", path);
        Ok(command)
    }

    /// A command in the crate, whose builds are kept apart from the checkout's.
    pub(super) fn in_crate(&self, program: impl AsRef<Path>, args: &[&str]) -> Result<Command> {
        let mut command = self.command(program, &self.program())?;
        command.args(args).env("CARGO_TARGET_DIR", &self.target);
        Ok(command)
    }
}

/// Run it to its end; a failure is an error.
pub(super) fn must(command: &mut Command) -> Result<()> {
    let shown = command.get_program().to_owned();
    let status = command
        .status()
        .with_context(|| format!("{} did not start", shown.display()))?;
    if !status.success() {
        bail!("{} failed: {status}", shown.display());
    }
    Ok(())
}

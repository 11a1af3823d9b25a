//! The programs of both sides that comparisons run.

use crate::assets::Assets;
use crate::workspace::Workspace;
use crate::{example, python_side};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;
use trainer_setup::{libtorch, prerequisites, python::Python};

/// An example and the scripts of `parity/`, with all that they need.
pub(crate) struct Programs<'a> {
    workspace: &'a Workspace,
    rust: PathBuf,
    python: Python,
    assets: Assets,
    threads: String,
}

impl<'a> Programs<'a> {
    /// Sets up and builds what is missing for this example and for Python, and says with which models, data and threads the programs run.
    pub(crate) fn prepare(workspace: &'a Workspace, example: &str) -> Result<Self> {
        prerequisites::check_compilers()?;
        libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
        Self::without_libtorch(workspace, "trainer", example)
    }

    /// As [`prepare`](Self::prepare), of a package that builds without libtorch.
    pub(crate) fn without_libtorch(
        workspace: &'a Workspace,
        package: &str,
        example: &str,
    ) -> Result<Self> {
        let programs = Self {
            workspace,
            python: python_side::ensure(workspace)?,
            rust: example::build_of(workspace, package, example)?,
            assets: Assets::find(workspace),
            threads: example::threads(),
        };
        eprintln!("{}\n{} threads each", programs.assets, programs.threads);
        Ok(programs)
    }

    pub(crate) fn threads(&self) -> &str {
        &self.threads
    }

    /// The example.
    pub(crate) fn rust(&self) -> Command {
        self.prepared(Command::new(&self.rust))
    }

    /// A script of `parity/`.
    pub(crate) fn script(&self, name: &str) -> Command {
        let mut command = self.python.command();
        command
            .arg(self.workspace.path("parity").join(name))
            .env("PYTHONUNBUFFERED", "1");
        self.prepared(command)
    }

    fn prepared(&self, mut command: Command) -> Command {
        command
            .envs(self.assets.environment())
            .env("OMP_NUM_THREADS", &self.threads)
            .current_dir(self.workspace.root());
        command
    }
}

//! Where the repository is, and cargo for it.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use trainer_setup::libtorch::Home;

/// The folder with the workspace's `Cargo.toml`.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that this program belongs to: cargo says it at run time.
    pub(crate) fn find() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("start this program with `cargo xtask`")?;
        let root = Path::new(&package)
            .parent()
            .context("xtask/ has no parent folder")?
            .to_path_buf();
        if !root.join("Cargo.toml").is_file() {
            bail!(
                "{} is not the workspace: it has no Cargo.toml",
                root.display()
            );
        }
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where its programs and builds find libtorch.
    pub(crate) fn libtorch(&self) -> Home {
        Home::in_checkout(&self.root)
    }

    /// A path below the root.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// The cargo that started this program, to be run in the root.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.command(Path::new(&cargo))
    }

    /// A program, to be run in the root, without what cargo told this one about its package: build scripts that look at it would
    /// run again.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()) {
            Some(folder) => self.root.join(folder),
            None => self.path("target"),
        }
    }
}

/// Run a command to its end and pass its exit status on.
pub(crate) fn pass_on(command: &mut Command) -> Result<ExitCode> {
    let status = command
        .status()
        .with_context(|| format!("{} did not start", command.get_program().display()))?;
    // Cargo and Python use exit statuses 0 to 255; none means that a signal ended the command.
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_folder_above_this_package() -> Result<()> {
        let workspace = Workspace::find()?;
        assert!(workspace.path("xtask/Cargo.toml").is_file());
        Ok(())
    }
}

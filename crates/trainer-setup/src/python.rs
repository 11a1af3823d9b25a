//! Any Python 3 with pip: to fetch wheels, and to make the virtual environment of the Python side.

use crate::libtorch::holds_libraries;
use crate::prerequisites::first_line;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How to get Python.
pub const FIX_PYTHON: &str = "install Python 3 and pip: `apt install python3 python3-pip python3-venv` (Debian, Ubuntu), \
     `dnf install python3-pip` (Fedora), `brew install python` (macOS)";

/// A Python interpreter on the PATH.
pub struct Python {
    program: PathBuf,
    version: (u32, u32),
}

impl Python {
    /// The first of `python3` and `python` that is Python 3 and has pip.
    pub fn with_pip() -> Result<Self> {
        let found: Vec<Self> = ["python3", "python"]
            .iter()
            .filter_map(|name| Self::at(name.as_ref()))
            .collect();
        if found.is_empty() {
            bail!("no Python 3: neither python3 nor python on the PATH runs\nfix: {FIX_PYTHON}");
        }
        let names: Vec<String> = found
            .iter()
            .map(|python| python.program.display().to_string())
            .collect();
        match found.into_iter().find(|python| python.pip().is_some()) {
            Some(python) => Ok(python),
            None => bail!(
                "{} has no pip (`-m pip --version` fails)\nfix: {FIX_PYTHON}",
                names.join(" and ")
            ),
        }
    }

    /// A Python of at least this version that can make virtual environments.
    pub fn with_venv(least: (u32, u32)) -> Result<Self> {
        [
            "python3",
            "python3.13",
            "python3.12",
            "python3.11",
            "python3.14",
            "python",
        ]
        .iter()
        .filter_map(|name| Self::at(name.as_ref()))
        .find(|python| {
            python.version >= least
                && first_line(
                    python
                        .command()
                        .args(["-c", "import venv, ensurepip; print('yes')"]),
                )
                .is_some()
        })
        .with_context(|| {
            format!(
                "no Python {}.{} or newer with its venv module on the PATH\nfix: {FIX_PYTHON}",
                least.0, least.1
            )
        })
    }

    /// The interpreter at a path or of a name on the PATH, if it runs and is Python 3.
    pub fn at(program: &Path) -> Option<Self> {
        let mut command = Command::new(program);
        let line =
            first_line(command.args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]))?;
        let (major, minor) = line.split_once('.')?;
        let version = (major.parse().ok()?, minor.parse().ok()?);
        (version.0 == 3).then(|| Self {
            program: program.to_path_buf(),
            version,
        })
    }

    /// A command of this interpreter. It loads its own torch: the libtorch that `.cargo/run` or `trainer run` put on the library
    /// path is taken off it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            let Some(path) = std::env::var_os(name) else {
                continue;
            };
            let others = std::env::split_paths(&path).filter(|folder| !holds_libraries(folder));
            match std::env::join_paths(others) {
                Ok(path) if !path.is_empty() => command.env(name, path),
                _ => command.env_remove(name),
            };
        }
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command
    }

    /// The first line that it prints with these arguments; `None` where it fails.
    pub(crate) fn first_line(&self, args: &[&str]) -> Option<String> {
        first_line(self.command().args(args))
    }

    /// The name or path that starts it.
    pub fn name(&self) -> std::path::Display<'_> {
        self.program.display()
    }

    /// What `pip --version` prints.
    pub fn pip(&self) -> Option<String> {
        self.first_line(&["-m", "pip", "--version"])
    }

    /// Major and minor.
    pub fn version(&self) -> (u32, u32) {
        self.version
    }

    /// Run pip; its output is shown on standard error, and what it wrote to standard error comes back on failure.
    pub fn run_pip(&self, args: &[&str]) -> Result<Result<(), PipFailure>> {
        let mut command = self.command();
        command
            .args(["-m", "pip", "--no-input"])
            .args(args)
            .stdout(std::io::stderr())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .with_context(|| format!("{} did not start", self.program.display()))?;
        let mut said = String::new();
        if let Some(stderr) = child.stderr.take() {
            for line in BufReader::new(stderr).lines() {
                let line = line.context("pip's messages")?;
                eprintln!("{line}");
                said.push_str(&line);
                said.push('\n');
            }
        }
        let status = child.wait().context("pip")?;
        Ok(if status.success() {
            Ok(())
        } else {
            Err(PipFailure::of(&said))
        })
    }
}

/// Why pip failed, as far as its messages tell.
#[derive(Debug, PartialEq, Eq)]
pub enum PipFailure {
    /// The index could not be reached.
    Network,
    /// The index was reached; it has no wheel that fits this interpreter.
    NoWheel(String),
    /// Anything else: its last error line.
    Other(String),
}

impl PipFailure {
    fn of(said: &str) -> Self {
        let last = said
            .lines()
            .rev()
            .find(|line| line.starts_with("ERROR"))
            .or_else(|| said.lines().last());
        let last = last
            .unwrap_or("it said nothing")
            .trim_start_matches("ERROR: ")
            .to_owned();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        // A pip that reaches no index also ends with "No matching distribution", so the network comes first.
        if has(&[
            "Retrying (",
            "NewConnectionError",
            "ConnectTimeout",
            "ProxyError",
            "Max retries exceeded",
        ]) {
            Self::Network
        } else if has(&["No matching distribution", "is not a supported wheel"]) {
            Self::NoWheel(last)
        } else {
            Self::Other(last)
        }
    }
}

impl std::fmt::Display for PipFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network => f.write_str("the package index was not reached"),
            Self::NoWheel(said) | Self::Other(said) => f.write_str(said),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pip_without_network_is_not_a_python_without_wheel() {
        let offline = "WARNING: Retrying (Retry(total=4, ...)) after connection broken by 'NewConnectionError'\n\
                       ERROR: Could not find a version that satisfies the requirement torch==2.11.0 (from versions: none)\n\
                       ERROR: No matching distribution found for torch==2.11.0\n";
        assert_eq!(PipFailure::of(offline), PipFailure::Network);

        let old = "ERROR: Could not find a version that satisfies the requirement torch==2.11.0 (from versions: 1.4.0)\n\
                   ERROR: No matching distribution found for torch==2.11.0\n";
        assert_eq!(
            PipFailure::of(old),
            PipFailure::NoWheel("No matching distribution found for torch==2.11.0".into())
        );

        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n";
        assert!(
            matches!(PipFailure::of(full), PipFailure::Other(line) if line.contains("No space left"))
        );
    }
}

//! What the set-up assumes beside Rust: a C and a C++ compiler. (Python is looked for when it is needed.)

use anyhow::{Result, bail};
use std::process::Command;

/// How to get the compilers.
pub const FIX_COMPILER: &str = "install one: `apt install build-essential` (Debian, Ubuntu), \
     `dnf install gcc gcc-c++` (Fedora), `xcode-select --install` (macOS); or set CC and CXX to yours";

/// An error when a compiler is missing, before anything large is downloaded.
pub fn check_compilers() -> Result<()> {
    for (kind, variable, default) in [("C", "CC", "cc"), ("C++", "CXX", "c++")] {
        if compiler(variable, default).is_none() {
            bail!(
                "no {kind} compiler: {} does not run\nfix: {FIX_COMPILER}",
                name(variable, default)
            );
        }
    }
    Ok(())
}

/// The first line of `--version` of the compiler that the `cc` crate will use.
pub(crate) fn compiler(variable: &str, default: &str) -> Option<String> {
    // CXX may hold a wrapper and arguments: "ccache g++".
    let name = name(variable, default);
    let mut words = name.split_whitespace();
    first_line(Command::new(words.next()?).args(words).arg("--version"))
}

fn name(variable: &str, default: &str) -> String {
    std::env::var(variable)
        .ok()
        .filter(|set| !set.trim().is_empty())
        .unwrap_or_else(|| default.to_owned())
}

/// The first line that a command prints; `None` when it does not start or fails.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(|line| line.trim().to_owned())
}

//! `cargo xtask sanitize`: the tests that run the C++ here, once more with GCC's sanitizers in it.
//!
//! A sanitizer checks what is compiled with it: the shim and the kernels of `trainer-torch`, whose build script reads
//! `TRAINER_SANITIZE`. Its library is loaded before any other, so that it knows where libtorch's tensors end, too; what libtorch
//! and Rust themselves read and write is not checked.

use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use trainer_setup::{libtorch, prerequisites};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this one
    #[arg(value_parser = SANITIZERS.each_ref().map(|sanitizer| sanitizer.name))]
    sanitizer: Option<String>,
}

struct Sanitizer {
    name: &'static str,
    /// As GCC's `-fsanitize` takes them.
    checks: &'static str,
    library: &'static str,
    /// How many threads the tests run on.
    threads: &'static [&'static str],
    /// Tests that fail under it without a fault.
    skipped: &'static [&'static str],
}

const SANITIZERS: [Sanitizer; 2] = [
    Sanitizer {
        name: "address",
        checks: "address,undefined",
        library: "libasan.so",
        threads: &["1", "2"],
        skipped: &[],
    },
    Sanitizer {
        name: "thread",
        checks: "thread",
        library: "libtsan.so",
        threads: &["2"],
        // It measures the process's memory, of which this sanitizer takes a multiple for all that is read.
        skipped: &["fast_operations::rows_that_do_not_occur_take_no_memory"],
    },
];

/// Packages, and the names that their tests which run much C++ begin with; all tests where there are none.
const TESTS: [(&str, &[&str]); 2] = [("trainer-torch", &[]), ("trainer-models", &["fast::"])];

/// Which kernels run, and the variable that chooses them. No sanitizer sees what AMX reads and writes.
const KERNELS: [(&str, Option<(&str, &str)>); 3] = [
    ("this processor's", None),
    ("no AMX", Some(("ONEDNN_MAX_CPU_ISA", "AVX512_CORE"))),
    ("plain", Some(("ATEN_CPU_CAPABILITY", "default"))),
];

/// Runs the tests with each sanitizer, on each kind of kernels and number of threads, all of them whatever fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    prerequisites::check_compilers()?;
    let mut chosen = Vec::new();
    for sanitizer in &SANITIZERS {
        if options.sanitizer.as_deref().unwrap_or(sanitizer.name) == sanitizer.name {
            chosen.push((sanitizer, library(sanitizer.library)?));
        }
    }
    libtorch::ensure(&workspace.libtorch(), &libtorch::Options::default())?;
    let mut failed = Vec::new();
    for (sanitizer, library) in &chosen {
        for (kernels, variable) in KERNELS {
            for threads in sanitizer.threads {
                let what = format!(
                    "{}, {kernels} kernels, {threads} thread(s)",
                    sanitizer.checks
                );
                println!("\n=== {what}");
                for (package, names) in TESTS {
                    let mut cargo = tests(workspace, sanitizer, library, package, names);
                    for (name, _) in KERNELS.iter().filter_map(|(_, variable)| *variable) {
                        cargo.env_remove(name);
                    }
                    cargo.envs(variable);
                    cargo.env("OMP_NUM_THREADS", threads);
                    if !cargo.status().context("cargo test")?.success() {
                        failed.push(format!("{package} ({what})"));
                    }
                }
            }
        }
    }
    if failed.is_empty() {
        println!("\nno sanitizer found anything");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nfailed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// `cargo test`, in a target folder of the sanitizer's own.
fn tests(
    workspace: &Workspace,
    sanitizer: &Sanitizer,
    library: &Path,
    package: &str,
    names: &[&str],
) -> Command {
    let target = workspace
        .target()
        .join(format!("sanitize-{}", sanitizer.name));
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--package", package, "--test", "it"])
        .arg("--target-dir")
        .arg(target)
        .args(["--", "--test-threads=1"])
        .args(names)
        .args(sanitizer.skipped.iter().flat_map(|name| ["--skip", name]))
        .env("TRAINER_SANITIZE", sanitizer.checks)
        // Only the tests load the library, not cargo and the compilers.
        .env(
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER",
            format!(".cargo/run env LD_PRELOAD={}", library.display()),
        )
        // libtorch frees nothing when a program ends.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .env("UBSAN_OPTIONS", "print_stacktrace=1")
        // What libtorch and Rust copy by calls of the C library would be seen, but not all that their threads wait for.
        .env("TSAN_OPTIONS", "ignore_interceptors_accesses=1");
    cargo
}

/// Where GCC has a library of a sanitizer.
fn library(name: &str) -> Result<PathBuf> {
    if !cfg!(all(
        target_os = "linux",
        target_arch = "x86_64",
        target_env = "gnu"
    )) {
        bail!("the sanitizers run on x86-64 Linux only");
    }
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let output = Command::new(&compiler)
        .arg(format!("-print-file-name={name}"))
        .output()
        .with_context(|| format!("{compiler} did not start"))?;
    // What it does not have it names without a folder.
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if !path.is_file() {
        bail!(
            "{compiler} has no {name}\nfix: a C++ compiler that is GCC, with its libraries for sanitizers: `apt install g++` \
             (Debian, Ubuntu), `dnf install gcc-c++ libasan libubsan libtsan` (Fedora)"
        );
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::{SANITIZERS, TESTS};
    use crate::workspace::Workspace;

    #[test]
    fn every_name_is_that_of_a_test() -> anyhow::Result<()> {
        let workspace = Workspace::find()?;
        let skipped = SANITIZERS.iter().flat_map(|sanitizer| sanitizer.skipped);
        let run = TESTS
            .iter()
            .flat_map(|(package, names)| names.iter().map(move |name| (*package, name)));
        for (package, name) in run.chain(skipped.map(|name| ("trainer-torch", name))) {
            let (module, test) = name.split_once("::").unwrap_or((name, ""));
            let file = workspace.path(&format!("crates/{package}/tests/it/{module}.rs"));
            let text = std::fs::read_to_string(&file)?;
            assert!(text.contains(&format!("fn {test}")), "{package} {name}");
        }
        Ok(())
    }
}

//! The program `trainer`: libtorch for crates of one's own.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use trainer_setup::{bundle, doctor, launch, libtorch, setup};

#[derive(Parser)]
#[command(name = "trainer", version, about)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Bring libtorch into your cache (about 0.5 GB, from the PyPI wheel of torch) and its place into this crate's .cargo/config.toml
    Setup(libtorch::Options),
    /// Say what was found on this machine, what is wrong with it, and the fix
    Doctor,
    /// Start a program with the libtorch that is found: LIBTORCH, beside it, in your cache, in a Python's torch of the same version
    Run {
        /// Its path, or its name on the PATH
        program: PathBuf,
        /// Passed to it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Make a folder of a program, its libraries and their licences that runs on a machine without any of it
    Bundle(bundle::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup(options) => setup::run(&options)?,
        Task::Doctor => return doctor::run_here(),
        Task::Run { program, args } => match launch::run(&program, &args)? {},
        Task::Bundle(options) => {
            bundle::run_here(&options)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

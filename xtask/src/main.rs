//! `cargo xtask`: set-up, tests, checks and comparisons, without libtorch, so that it builds in seconds.
//!
//! Everything a task needs it brings itself: libtorch from PyPI, the Python side of a comparison into a virtual
//! environment outside the repository. See `cargo xtask help`.

mod check_saved;
mod compare;
mod disk;
mod doctor;
mod example;
mod hub_cache;
mod libtorch;
mod parity;
mod prerequisites;
mod processors;
mod python;
mod python_side;
mod tasks;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about,
    disable_help_subcommand = false
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up libtorch: about 0.5 GB, from the PyPI wheel of torch
    Libtorch {
        /// Bring the CUDA libraries of the same version as well: several GB
        #[arg(long)]
        cuda: bool,
        /// Read every library and header again and compare it with what was set up
        #[arg(long)]
        verify: bool,
        /// Put it into this folder and make `libtorch` a link to it
        #[arg(long, value_name = "FOLDER")]
        into: Option<PathBuf>,
    },
    /// Set up the Python side alone, which comparisons and the scripts of parity/ run in, and print its interpreter
    Python,
    /// Set up, then train a small Transformer: examples/quickstart
    Demo {
        /// Passed to the example
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Set up, then run the tests
    Test {
        /// Passed to `cargo test`, which runs the whole workspace without `-p`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Say what was found on this machine, what is wrong with it, and the fix
    Doctor,
    /// Run the real job here and in Python, alternately, and print the ratios
    Compare(compare::Options),
    /// Run the same cases here and in Python and compare every bit of what they leave
    Parity(parity::Options),
    /// Run the tests that compare recorded floats once more as older processors would compute them, with one thread and two
    Processors,
    /// Let Python load a saved model and compare its logits with those written by glue_mrpc
    CheckSaved {
        /// Folder with the saved model and tokenizer
        folder: PathBuf,
        /// What `glue_mrpc --predictions_file` wrote
        predictions: PathBuf,
    },
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
    let workspace = Workspace::find()?;
    match task {
        Task::Libtorch { cuda, verify, into } => {
            let options = libtorch::Options { cuda, verify, into };
            libtorch::ensure(&workspace, &options)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Python => {
            println!("{}", python_side::ensure(&workspace)?.name());
            Ok(ExitCode::SUCCESS)
        }
        Task::Demo { args } => tasks::demo(&workspace, &args),
        Task::Test { args } => tasks::test(&workspace, &args),
        Task::Doctor => Ok(doctor::run(&workspace)),
        Task::Compare(options) => compare::run(&workspace, &options),
        Task::Parity(options) => parity::run(&workspace, &options),
        Task::Processors => processors::run(&workspace),
        Task::CheckSaved {
            folder,
            predictions,
        } => check_saved::run(&workspace, &folder, &predictions),
    }
}

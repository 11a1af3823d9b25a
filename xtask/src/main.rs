//! `cargo xtask`: set-up, tests, checks and comparisons, without libtorch, so that it builds in seconds.
//!
//! Everything a task needs it brings itself: libtorch from PyPI, the Python side of a comparison into a virtual
//! environment outside the repository. See `cargo xtask help`.

mod assets;
mod bench;
mod bundle;
mod check_saved;
mod compare;
mod example;
mod fuzz;
mod gpu;
mod median;
mod outside;
mod parity;
mod processors;
mod programs;
mod python_side;
mod sanitize;
mod side;
mod tasks;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use trainer_setup::{doctor, libtorch};
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
        #[command(flatten)]
        options: libtorch::Options,
        /// Put it into this folder, not into your cache, and make `libtorch` a link to it
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
    /// Build an example and make a folder of it, its libraries and their licences that runs on a machine without any of it
    Bundle(trainer_setup::bundle::Options),
    /// Do what the README says for a program of one's own, outside of the checkout and without LIBTORCH: build, test, bundle
    Outside,
    /// Run the real job here and in Python, alternately, and print the ratios
    Compare(compare::Options),
    /// Measure speed, memory and start-up here and in Python in turn, and print the table of docs/performance.md
    ///
    /// A bare run takes about 12 minutes on two cores; the rows of BERT-base sizes, which `--all` adds, another 10.
    Bench(bench::Options),
    /// Run the same cases here and in Python and compare every bit of what they leave
    Parity(parity::Options),
    /// Make a folder of programs that checks and times this project on a machine with a GPU and PyTorch, without network or compiler
    Gpu(gpu::Options),
    /// Give the readers of files what nobody would write: the inputs that are kept, or with --minutes ones that libFuzzer makes
    Fuzz(fuzz::Options),
    /// Run the tests that compare recorded floats once more as older processors would compute them, with one thread and two
    Processors,
    /// Run the tests of the C++ here, compiled with GCC's sanitizers: wrong addresses, undefined behaviour, races of threads
    Sanitize(sanitize::Options),
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
        Task::Libtorch { options, into } => {
            let home = workspace.libtorch();
            match into {
                Some(into) => libtorch::ensure_in(&home, &into, &options)?,
                None => libtorch::ensure(&home, &options)?,
            };
            Ok(ExitCode::SUCCESS)
        }
        Task::Python => {
            println!("{}", python_side::ensure(&workspace)?.name());
            Ok(ExitCode::SUCCESS)
        }
        Task::Demo { args } => tasks::demo(&workspace, &args),
        Task::Test { args } => tasks::test(&workspace, &args),
        Task::Doctor => Ok(doctor::run(workspace.root())),
        Task::Bundle(options) => bundle::run(&workspace, options),
        Task::Outside => outside::run(&workspace),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Compare(options) => compare::run(&workspace, &options),
        Task::Parity(options) => parity::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Gpu(options) => gpu::run(&workspace, &options),
        Task::Processors => processors::run(&workspace),
        Task::Sanitize(options) => sanitize::run(&workspace, &options),
        Task::CheckSaved {
            folder,
            predictions,
        } => check_saved::run(&workspace, &folder, &predictions),
    }
}

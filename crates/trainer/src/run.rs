//! Running a program: what its `main` is about.

use std::process::exit;

use crate::command_line::CommandLineError;
use crate::error::{Error, Result};

/// Runs a program and ends the process where it fails: with status 2 and the usage after a wrong command line, with
/// status 1 and one readable error after anything else, and with status 0 after `--help`.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// fn main() {
///     trainer::run(|| {
///         let args = HfArgumentParser::new("train").parse_training_arguments()?;
///         println!("{}", args.output_dir.display());
///         Ok(())
///     })
/// }
/// ```
pub fn run(program: impl FnOnce() -> Result<()>) {
    let Err(error) = program() else { return };
    let report = error.report();
    let status = match error {
        Error::CommandLine(error) => match *error {
            CommandLineError::Usage(message) => message.exit(),
            _ => 2,
        },
        _ => 1,
    };
    eprintln!("error: {report}");
    exit(status);
}

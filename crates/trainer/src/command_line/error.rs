//! What can be wrong with a command line or a file of arguments.

use std::path::PathBuf;

use trainer_core::ArgumentsError;

/// What can be wrong with a command line or a file of arguments.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandLineError {
    /// A flag that does not exist or a value of the wrong kind; also the text of `--help`. `exit()` of the error prints
    /// it and ends the program with the right status.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// A value that cannot be used.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// The file of arguments cannot be read.
    #[error("cannot read the arguments file {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of arguments is not a JSON object.
    #[error("the arguments file {} is not a JSON object: {source}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why not.
        source: serde_json::Error,
    },
    /// A wrong argument in the file of arguments.
    #[error("arguments file {}: {source}", .path.display())]
    FileArguments {
        /// The file.
        path: PathBuf,
        /// Which, and what is wrong with it.
        source: ArgumentsError,
    },
    /// An argument of the program's own has the name of another flag.
    #[error("the program defines the argument `{name}`, but that flag exists already")]
    Duplicate {
        /// The name.
        name: &'static str,
    },
}

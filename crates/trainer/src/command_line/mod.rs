//! Arguments from the command line, as Python's `HfArgumentParser` reads them.

mod command;
mod error;
mod json_file;
mod matches;
mod parser;
mod script;
mod text;

pub use error::CommandLineError;
pub use parser::HfArgumentParser;

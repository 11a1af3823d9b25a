//! `trainer run`: a program, started with the libtorch that is found for it.

mod find;
mod program;
mod start;

pub use start::{command, run};

pub(crate) use find::find;
pub(crate) use program::Program;

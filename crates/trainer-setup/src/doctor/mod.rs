//! `trainer doctor` and `cargo xtask doctor`: what this machine has, what is wrong with it, and the fix beside it.

mod crate_here;
mod cuda;
mod examine;
mod processor;
mod report;

pub use examine::{run, run_here};

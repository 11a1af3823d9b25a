//! `cargo xtask bench`: training, prediction, memory and start-up here and in Python, in turn, and the table of their ratios.

mod job;
mod plan;
mod report;
mod rows;

pub(crate) use plan::{Options, run};

//! `cargo xtask compare`: a real job here and in Python, alternately on the same machine, and the ratios.

mod plan;
mod report;
mod task;

pub(crate) use plan::{Options, run};

//! `cargo xtask compare`: the real job here and in Python, alternately on the same machine, and the ratios.

mod plan;
mod report;

pub(crate) use plan::{Options, run};

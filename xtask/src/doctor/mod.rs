//! `cargo xtask doctor`: what this machine has, what is wrong with it, and the fix beside it.

mod cuda;
mod examine;
mod processor;
mod report;

pub(crate) use examine::run;

//! `cargo xtask parity`: the same work in Python and here, compared: trainings, tokenizers, data files.

mod data;
mod options;
mod steps;
mod tokenizers;
mod trainings;

pub(crate) use options::{Options, run};

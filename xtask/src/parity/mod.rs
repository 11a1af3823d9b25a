//! `cargo xtask parity`: the same work in Python and here, compared: trainings, tokenizers, data files, the hub.

mod data;
mod hub;
mod options;
mod steps;
mod tokenizers;
mod trainings;

pub(crate) use options::{Options, run};

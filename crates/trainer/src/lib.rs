//! Hugging Face's Trainer API in Rust, on libtorch.
//!
//! This crate names what the others hold, so that a program needs one dependency and one line,
//! `use trainer::prelude::*;`. It adds what only programs need: the command line ([`HfArgumentParser`]), answers from a
//! trained model in one call ([`pipeline`]), what programs that fine-tune have in common ([`script`]), one [`Error`] for
//! everything, and [`run`]. [`tch`] and [`serde_json`], whose types stand in its interfaces, come with it in their right
//! versions.

mod command_line;
mod error;
mod logging;
pub mod pipeline;
pub mod prelude;
mod run;
pub mod script;

pub use command_line::{CommandLineError, HfArgumentParser};
pub use error::{Error, Result};
pub use logging::log_to_stderr;
pub use run::run;

pub use serde_json;
pub use tch;

pub use trainer_collate as collate;
pub use trainer_core as core;
pub use trainer_core::argument_fields;
pub use trainer_data as data;
pub use trainer_metrics as metrics;
pub use trainer_models as models;
pub use trainer_tokenize as tokenize;
pub use trainer_torch as torch;

/// The examples of a guide are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/data.md")]
struct DataGuide;

//! Weights in and out: safetensors files, sharded or not, and what did not fit.

mod checkpoint;
mod load_report;
mod restore;
mod safetensors_reader;
mod safetensors_writer;
mod saving;

pub use checkpoint::Checkpoint;
pub use load_report::LoadReport;
pub use restore::load_weights;
pub use saving::{SaveOptions, save_pretrained};

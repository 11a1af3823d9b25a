//! Weights in and out: safetensors files, sharded or not, pickles of `torch.save`, and what did not fit.

mod checkpoint;
mod load_report;
mod opening;
mod pickle_reader;
mod placement;
mod restore;
mod safetensors_reader;
mod safetensors_writer;
mod saving;
mod weights_file;

pub use checkpoint::Checkpoint;
pub use load_report::LoadReport;
pub use restore::load_weights;
pub use saving::{SaveOptions, save_pretrained};

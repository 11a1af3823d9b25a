//! Weights in and out: safetensors files, sharded or not, and what did not fit.

mod checkpoint;
mod load_report;
mod restore;
mod safetensors_reader;
mod safetensors_writer;
mod saving;

pub(crate) use checkpoint::Checkpoint;
pub use load_report::LoadReport;
pub(crate) use restore::restore;
pub use saving::SaveOptions;
pub(crate) use saving::save_pretrained;

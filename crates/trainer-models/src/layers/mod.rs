//! Layers that families share.

mod activation;
mod attention_mask;
mod embedding;
mod layer_norm;
mod linear;

pub use activation::Activation;
pub(crate) use attention_mask::{bidirectional_mask, drop_full_mask};
pub(crate) use embedding::Embedding;
pub(crate) use layer_norm::LayerNorm;
pub(crate) use linear::Linear;

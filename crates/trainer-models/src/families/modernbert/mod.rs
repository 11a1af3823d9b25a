//! ModernBERT ([Warner et al. 2024](https://arxiv.org/abs/2412.13663)): layers that normalise first, places told by rotation, and a window
//! that most layers do not look out of, as transformers 5.23
//! [`modeling_modernbert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/modernbert/modeling_modernbert.py)
//! with scaled-dot-product attention.

mod attention;
mod config;
mod drawing;
mod family;
mod heads;
mod layer;
mod network;
mod rotary;
mod rotations;
mod sight;

pub use config::{ModernBertConfig, Pooling};
pub(super) use family::ModernBert;

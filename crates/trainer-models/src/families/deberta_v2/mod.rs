//! DeBERTa's second and third version ([He et al. 2020](https://arxiv.org/abs/2006.03654),
//! [2021](https://arxiv.org/abs/2111.09543)): attention that adds to its scores products of tokens with embeddings of distances, as
//! transformers 5.23
//! [`modeling_deberta_v2.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/deberta_v2/modeling_deberta_v2.py).

mod attention;
mod config;
mod convolution;
mod distances;
mod embeddings;
mod family;
mod layer;
mod network;

pub use config::{DebertaV2Config, PosAttType};
pub(super) use family::DebertaV2;

//! MPNet ([Song et al. 2020](https://arxiv.org/abs/2004.09297)): BERT's layers without segments, whose attention adds a bias for
//! the distance of two tokens to its scores, as transformers 5.23
//! [`modeling_mpnet.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/mpnet/modeling_mpnet.py).

mod config;
mod distances;
mod family;
mod layer;
mod network;

pub use config::MpnetConfig;
pub(super) use family::Mpnet;

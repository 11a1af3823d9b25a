//! ALBERT ([Lan et al. 2019](https://arxiv.org/abs/1909.11942)): BERT's layers, shared by many turns, over embeddings of another
//! width, as transformers 5.23
//! [`modeling_albert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/albert/modeling_albert.py).

mod config;
mod family;
mod network;

pub use config::AlbertConfig;
pub(super) use family::Albert;

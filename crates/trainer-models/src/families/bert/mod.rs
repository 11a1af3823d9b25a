//! BERT ([Devlin et al. 2018](https://arxiv.org/abs/1810.04805)): the operations of transformers 5.23
//! [`modeling_bert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py)
//! with scaled-dot-product attention, in its order, so that the digits are Python's.

mod config;
mod family;
mod network;

pub use config::BertConfig;
pub(super) use family::Bert;
pub(super) use network::{embeddings, encoder};

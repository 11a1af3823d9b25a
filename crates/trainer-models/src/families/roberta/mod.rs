//! RoBERTa ([Liu et al. 2019](https://arxiv.org/abs/1907.11692)): BERT's encoder below embeddings whose positions count
//! from the padding token on, as transformers 5.23
//! [`modeling_roberta.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/roberta/modeling_roberta.py).

mod config;
mod family;
mod network;

pub use config::RobertaConfig;
pub(super) use family::Roberta;

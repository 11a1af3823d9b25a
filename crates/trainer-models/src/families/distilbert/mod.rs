//! DistilBERT ([Sanh et al. 2019](https://arxiv.org/abs/1910.01108)): BERT's layers under other names, without segments and
//! pooler, as transformers 5.23
//! [`modeling_distilbert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/distilbert/modeling_distilbert.py).

mod config;
mod family;
mod network;

pub use config::DistilBertConfig;
pub(super) use family::DistilBert;

//! RoBERTa ([Liu et al. 2019](https://arxiv.org/abs/1907.11692)): BERT's encoder below embeddings whose positions count
//! from the padding token on, as transformers 5.23
//! [`modeling_roberta.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/roberta/modeling_roberta.py).
//!
//! XLM-RoBERTa ([Conneau et al. 2019](https://arxiv.org/abs/1911.02116)) and CamemBERT
//! ([Martin et al. 2019](https://arxiv.org/abs/1911.03894)) are the same network under other names.

mod config;
mod family;
mod network;
mod relatives;

pub use config::RobertaConfig;
pub(super) use family::{CAMEMBERT, ROBERTA, XLM_ROBERTA, words};
pub use relatives::{CamembertConfig, XlmRobertaConfig};

//! BERT ([Devlin et al. 2018](https://arxiv.org/abs/1810.04805)): the operations of transformers 5.23
//! [`modeling_bert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py)
//! with scaled-dot-product attention, in its order, so that the digits are Python's.

mod attention;
mod backbone;
mod config;
mod embeddings;
mod encoder;
mod layer;
mod pooler;

pub(super) use backbone::Bert;
pub use config::BertConfig;
pub(super) use encoder::BertEncoder;
pub(super) use pooler::BertPooler;

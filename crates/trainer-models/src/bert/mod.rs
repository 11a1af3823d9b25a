//! BERT ([Devlin et al. 2018](https://arxiv.org/abs/1810.04805)): the operations of transformers 5.23
//! [`modeling_bert.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py)
//! with scaled-dot-product attention, in its order, so that the digits are Python's.

mod attention;
mod bert_model;
mod config;
mod embeddings;
mod encoder;
mod layer;
mod pooler;
mod sequence_classification;

pub use bert_model::BertModel;
pub use config::BertConfig;
pub use sequence_classification::BertForSequenceClassification;

/// The name under which models with a head hold the base model.
const BASE_PREFIX: &str = "bert";

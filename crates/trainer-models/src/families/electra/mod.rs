//! ELECTRA's discriminator ([Clark et al. 2020](https://arxiv.org/abs/2003.10555)): BERT's encoder over embeddings of another
//! width, without a pooler, as transformers 5.23
//! [`modeling_electra.py`](https://github.com/huggingface/transformers/blob/main/src/transformers/models/electra/modeling_electra.py).

mod config;
mod family;

pub use config::ElectraConfig;
pub(super) use family::Electra;

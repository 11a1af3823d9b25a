use super::BertConfig;
use crate::Result;
use crate::construction::Scope;
use crate::families::embeddings::TextEmbeddings;
use crate::layers::{Dropout, Embedding, LayerNorm};

/// `BertEmbeddings`.
pub(super) fn embeddings(scope: &Scope<'_>, config: &BertConfig) -> Result<TextEmbeddings> {
    let width = config.hidden_size;
    let table =
        |name: &str, entries, padding| Embedding::new(&(scope / name), entries, width, padding);
    Ok(TextEmbeddings {
        word_embeddings: table("word_embeddings", config.vocab_size, config.pad_token_id)?,
        position_embeddings: table("position_embeddings", config.max_position_embeddings, None)?,
        token_type_embeddings: table("token_type_embeddings", config.type_vocab_size, None)?,
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
        dropout: Dropout::new(config.hidden_dropout_prob),
    })
}

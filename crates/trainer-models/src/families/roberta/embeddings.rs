use crate::Result;
use crate::construction::Scope;
use crate::families::bert::BertConfig;
use crate::families::embeddings::TextEmbeddings;
use crate::layers::{Dropout, Embedding, LayerNorm};

/// `RobertaEmbeddings`: the place of padding has no embedding either, and the table of places is made last.
pub(super) fn embeddings(scope: &Scope<'_>, config: &BertConfig) -> Result<TextEmbeddings> {
    let (width, padding) = (config.hidden_size, config.pad_token_id);
    let table =
        |name: &str, entries, padding| Embedding::new(&(scope / name), entries, width, padding);
    Ok(TextEmbeddings {
        word_embeddings: table("word_embeddings", config.vocab_size, padding)?,
        token_type_embeddings: table("token_type_embeddings", config.type_vocab_size, None)?,
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
        position_embeddings: table(
            "position_embeddings",
            config.max_position_embeddings,
            padding,
        )?,
        dropout: Dropout::new(config.hidden_dropout_prob),
    })
}

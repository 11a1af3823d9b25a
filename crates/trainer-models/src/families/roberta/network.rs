use super::RobertaConfig;
use crate::Result;
use crate::construction::Scope;
use crate::families::bert::encoder;
use crate::families::embeddings::TextEmbeddings;
use crate::families::pooler::Pooler;
use crate::families::tables::Tables;
use crate::families::text_model::TextModel;
use crate::layers::{Dropout, Embedding, LayerNorm};

/// `RobertaModel`.
pub(super) fn model(
    scope: &Scope<'_>,
    config: &RobertaConfig,
    with_pooler: bool,
) -> Result<TextModel> {
    let bert = &config.bert;
    let pooler = || Pooler::new(&(scope / "pooler" / "dense"), bert.hidden_size);
    Ok(TextModel {
        tables: Tables {
            words: bert.vocab_size,
            segments: Some(bert.type_vocab_size),
            places: bert.max_position_embeddings,
            padding: bert.pad_token_id,
        },
        embeddings: embeddings(&(scope / "embeddings"), config)?,
        projection: None,
        encoder: encoder(&(scope / "encoder"), bert)?,
        pooler: with_pooler.then(pooler).transpose()?,
    })
}

/// `RobertaEmbeddings`: the place of padding has no embedding either, and the table of places is made last.
fn embeddings(scope: &Scope<'_>, config: &RobertaConfig) -> Result<TextEmbeddings> {
    let config = &config.bert;
    let (width, padding) = (config.hidden_size, config.pad_token_id);
    let table =
        |name: &str, entries, padding| Embedding::new(&(scope / name), entries, width, padding);
    Ok(TextEmbeddings {
        word_embeddings: table("word_embeddings", config.vocab_size, padding)?,
        token_type_embeddings: Some(table(
            "token_type_embeddings",
            config.type_vocab_size,
            None,
        )?),
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
        position_embeddings: table(
            "position_embeddings",
            config.max_position_embeddings,
            padding,
        )?,
        dropout: Dropout::new(config.hidden_dropout_prob),
    })
}

use tch::{Kind, Tensor};
use trainer_collate::Batch;

use crate::layers::{Dropout, Embedding, LayerNorm};
use crate::{Error, Pass, Result};

/// Words, perhaps segments, and places added up, normalised, dropped out: the embeddings of BERT and its relatives. Each family
/// makes the tables in Python's order, which is that of the numbers drawn.
#[derive(Debug)]
pub(super) struct TextEmbeddings {
    pub(super) word_embeddings: Embedding,
    pub(super) token_type_embeddings: Option<Embedding>,
    pub(super) position_embeddings: Embedding,
    pub(super) layer_norm: LayerNorm,
    pub(super) dropout: Dropout,
}

impl TextEmbeddings {
    /// Token numbers, or vectors in their place, with `position_ids` and perhaps `token_type_ids`, to states:
    /// `[rows, length, hidden]` or `[tokens, hidden]`.
    pub(super) fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<Tensor> {
        let segments = self.token_type_embeddings.as_ref();
        let segments = segments.map(|table| Ok::<_, Error>((table, token_type_ids(inputs)?)));
        let segments = segments.transpose()?;
        let segments = segments.as_ref().map(|(table, ids)| (*table, ids));
        let places = (&self.position_embeddings, inputs.require("position_ids")?);
        let tables = segments.into_iter().chain([places]);
        let embeddings = match inputs.get("inputs_embeds") {
            Some(vectors) => {
                let mut rows = tables.map(|(table, ids)| table.forward(ids));
                rows.try_fold(vectors.shallow_clone(), |sum, rows| {
                    Ok::<_, Error>(sum.f_add(&rows?)?)
                })?
            }
            None => {
                let words = (&self.word_embeddings, inputs.require("input_ids")?);
                let tables: Vec<_> = [words].into_iter().chain(tables).collect();
                Embedding::sum(&tables, pass)?
            }
        };
        let embeddings = self.layer_norm.forward(&embeddings)?;
        self.dropout.forward_as(&embeddings, pass)
    }
}

/// `token_type_ids`, zeros where there are none.
pub(super) fn token_type_ids(inputs: &Batch) -> Result<Tensor> {
    if let Some(ids) = inputs.get("token_type_ids") {
        return Ok(ids.shallow_clone());
    }
    let Some(vectors) = inputs.get("inputs_embeds") else {
        return Ok(inputs.require("input_ids")?.f_zeros_like()?);
    };
    let mut tokens = vectors.size();
    tokens.pop();
    Ok(Tensor::f_zeros(tokens, (Kind::Int64, vectors.device()))?)
}

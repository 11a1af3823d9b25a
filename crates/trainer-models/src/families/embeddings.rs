use tch::{Kind, Tensor};
use trainer_collate::Batch;

use crate::layers::{Dropout, Embedding, LayerNorm};
use crate::{Pass, Result};

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
        let words = match inputs.get("inputs_embeds") {
            Some(vectors) => vectors.shallow_clone(),
            None => self.word_embeddings.forward(inputs.require("input_ids")?)?,
        };
        let position_ids = inputs.require("position_ids")?;
        let embeddings = match &self.token_type_embeddings {
            Some(table) => words.f_add(&table.forward(&segments(inputs, &words)?)?)?,
            None => words,
        };
        let embeddings = embeddings.f_add(&self.position_embeddings.forward(position_ids)?)?;
        let embeddings = self.layer_norm.forward(&embeddings)?;
        self.dropout.forward_as(&embeddings, pass)
    }
}

/// `token_type_ids`, zeros where there are none.
fn segments(inputs: &Batch, words: &Tensor) -> Result<Tensor> {
    if let Some(ids) = inputs.get("token_type_ids") {
        return Ok(ids.shallow_clone());
    }
    let mut tokens = words.size();
    tokens.pop();
    Ok(Tensor::f_zeros(tokens, (Kind::Int64, words.device()))?)
}

use tch::{Kind, Tensor};
use trainer_collate::Batch;

use crate::layers::{Dropout, Embedding, LayerNorm};
use crate::{Pass, Result};

/// Words, segments and places added up, normalised, dropped out: the embeddings of BERT and its relatives. Each family makes
/// the tables in Python's order, which is that of the numbers drawn.
#[derive(Debug)]
pub(super) struct TextEmbeddings {
    pub(super) word_embeddings: Embedding,
    pub(super) token_type_embeddings: Embedding,
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
        let token_type_ids = match inputs.get("token_type_ids") {
            Some(ids) => ids.shallow_clone(),
            None => {
                let mut tokens = words.size();
                tokens.pop();
                Tensor::f_zeros(tokens, (Kind::Int64, words.device()))?
            }
        };
        let position_ids = inputs.require("position_ids")?;
        let embeddings = words.f_add(&self.token_type_embeddings.forward(&token_type_ids)?)?;
        let embeddings = embeddings.f_add(&self.position_embeddings.forward(position_ids)?)?;
        let embeddings = self.layer_norm.forward(&embeddings)?;
        self.dropout.forward_as(&embeddings, pass)
    }
}

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
        let words = inputs.get("inputs_embeds");
        let token_type_ids = match (inputs.get("token_type_ids"), words) {
            (Some(ids), _) => ids.shallow_clone(),
            (None, None) => inputs.require("input_ids")?.f_zeros_like()?,
            (None, Some(vectors)) => {
                let mut tokens = vectors.size();
                tokens.pop();
                Tensor::f_zeros(tokens, (Kind::Int64, vectors.device()))?
            }
        };
        let segments = (&self.token_type_embeddings, &token_type_ids);
        let places = (&self.position_embeddings, inputs.require("position_ids")?);
        let embeddings = match words {
            Some(vectors) => vectors
                .f_add(&segments.0.forward(segments.1)?)?
                .f_add(&places.0.forward(places.1)?)?,
            None => {
                let words = (&self.word_embeddings, inputs.require("input_ids")?);
                Embedding::sum([words, segments, places], pass)?
            }
        };
        let embeddings = self.layer_norm.forward(&embeddings)?;
        self.dropout.forward_as(&embeddings, pass)
    }
}

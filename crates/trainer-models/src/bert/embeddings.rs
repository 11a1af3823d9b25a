use tch::{Kind, Tensor};

use super::BertConfig;
use crate::construction::Scope;
use crate::layers::{Embedding, LayerNorm};
use crate::{Error, Mode, Result};

/// What of a batch becomes embeddings.
pub(super) struct EmbeddingInputs<'a> {
    pub(super) input_ids: Option<&'a Tensor>,
    pub(super) inputs_embeds: Option<&'a Tensor>,
    pub(super) token_type_ids: Option<&'a Tensor>,
    pub(super) position_ids: Option<&'a Tensor>,
}

#[derive(Debug)]
pub(super) struct BertEmbeddings {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
    dropout: f64,
    max_length: i64,
}

impl BertEmbeddings {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            word_embeddings: Embedding::new(
                &(scope / "word_embeddings"),
                config.vocab_size,
                width,
                config.pad_token_id,
            )?,
            position_embeddings: Embedding::new(
                &(scope / "position_embeddings"),
                config.max_position_embeddings,
                width,
                None,
            )?,
            token_type_embeddings: Embedding::new(
                &(scope / "token_type_embeddings"),
                config.type_vocab_size,
                width,
                None,
            )?,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
            dropout: config.hidden_dropout_prob,
            max_length: config.max_position_embeddings,
        })
    }

    /// `[batch, length]` token numbers (or `[batch, length, hidden]` vectors) to `[batch, length, hidden]`.
    pub(super) fn forward(&self, inputs: &EmbeddingInputs<'_>, mode: Mode) -> Result<Tensor> {
        let words = match (inputs.input_ids, inputs.inputs_embeds) {
            (Some(ids), None) if ids.dim() == 2 => self.word_embeddings.forward(ids)?,
            (None, Some(vectors)) if vectors.dim() == 3 => vectors.shallow_clone(),
            (Some(_), Some(_)) => {
                return Err(Error::input(
                    "input_ids",
                    "them or inputs_embeds",
                    "both in the batch",
                ));
            }
            (Some(ids), None) => {
                return Err(Error::input(
                    "input_ids",
                    "[batch, length]",
                    format!("{:?}", ids.size()),
                ));
            }
            (None, Some(vectors)) => {
                let found = format!("{:?}", vectors.size());
                return Err(Error::input(
                    "inputs_embeds",
                    "[batch, length, hidden_size]",
                    found,
                ));
            }
            (None, None) => {
                return Err(Error::input(
                    "input_ids",
                    "them or inputs_embeds",
                    "neither in the batch",
                ));
            }
        };
        let (batch, length, _) = words.size3()?;
        if inputs.position_ids.is_none() && length > self.max_length {
            return Err(Error::input(
                "input_ids",
                format!(
                    "at most {} tokens a row (max_position_embeddings)",
                    self.max_length
                ),
                format!("{length}"),
            ));
        }
        let integers = (Kind::Int64, words.device());
        let position_ids = match inputs.position_ids {
            Some(ids) => ids.shallow_clone(),
            None => Tensor::f_arange(length, integers)?.f_unsqueeze(0)?,
        };
        let token_type_ids = match inputs.token_type_ids {
            Some(ids) => ids.shallow_clone(),
            None => Tensor::f_zeros([batch, length], integers)?,
        };
        let embeddings = words.f_add(&self.token_type_embeddings.forward(&token_type_ids)?)?;
        let embeddings = embeddings.f_add(&self.position_embeddings.forward(&position_ids)?)?;
        let embeddings = self.layer_norm.forward(&embeddings)?;
        Ok(embeddings.f_dropout(self.dropout, mode.is_train())?)
    }
}

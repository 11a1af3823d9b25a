use tch::Tensor;
use trainer_collate::Batch;

use super::DebertaV2Config;
use crate::construction::Scope;
use crate::families::embeddings::token_type_ids;
use crate::layers::{Dropout, Embedding, LayerNorm, Linear};
use crate::{Error, Pass, Result};

/// `DebertaV2Embeddings`: words, perhaps places and segments, added up, led to the width of the states, normalised, without padding,
/// dropped out.
#[derive(Debug)]
pub(super) struct DebertaEmbeddings {
    words: Embedding,
    places: Option<Embedding>,
    segments: Option<Embedding>,
    projection: Option<Linear>,
    layer_norm: LayerNorm,
    dropout: Dropout,
}

impl DebertaEmbeddings {
    pub(super) fn new(scope: &Scope<'_>, config: &DebertaV2Config) -> Result<Self> {
        let (width, hidden) = (config.embedding_width(), config.hidden_size);
        let table =
            |name: &str, entries, padding| Embedding::new(&(scope / name), entries, width, padding);
        let places = || table("position_embeddings", config.max_position_embeddings, None);
        let segments = || table("token_type_embeddings", config.type_vocab_size, None);
        let projection = || Linear::without_bias(&(scope / "embed_proj"), width, hidden);
        Ok(Self {
            words: table("word_embeddings", config.vocab_size, config.pad_token_id)?,
            places: config.position_biased_input.then(places).transpose()?,
            segments: (config.type_vocab_size > 0).then(segments).transpose()?,
            projection: (width != hidden).then(projection).transpose()?,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), hidden, config.layer_norm_eps)?,
            dropout: Dropout::new(config.hidden_dropout_prob),
        })
    }

    /// Token numbers, or vectors in their place, to states. `kept` has true for tokens and false for padding, `[rows, length]`, where
    /// there is any.
    pub(super) fn forward(
        &self,
        inputs: &Batch,
        kept: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let segments = self.segments.as_ref();
        let segments = segments.map(|table| Ok::<_, Error>((table, token_type_ids(inputs)?)));
        let segments = segments.transpose()?;
        let segments = segments.as_ref().map(|(table, ids)| (*table, ids));
        let places = self.places.as_ref();
        let places = places.map(|table| Ok::<_, Error>((table, inputs.require("position_ids")?)));
        let tables = places.transpose()?.into_iter().chain(segments);
        let mut states = match inputs.get("inputs_embeds") {
            Some(vectors) => {
                let mut rows = tables.map(|(table, ids)| table.forward(ids));
                rows.try_fold(vectors.shallow_clone(), |sum, rows| {
                    Ok::<_, Error>(sum.f_add(&rows?)?)
                })?
            }
            None => {
                let words = (&self.words, inputs.require("input_ids")?);
                let tables: Vec<_> = [words].into_iter().chain(tables).collect();
                Embedding::sum(&tables, pass)?
            }
        };
        if let Some(projection) = &self.projection {
            states = projection.forward_as(&states, pass)?;
        }
        states = self.layer_norm.forward(&states)?;
        if let Some(kept) = kept {
            states = states.f_mul(&kept.f_unsqueeze(2)?.f_to_kind(states.kind())?)?;
        }
        self.dropout.forward_as(&states, pass)
    }
}

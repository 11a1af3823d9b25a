use tch::Tensor;
use trainer_collate::Batch;

use super::MpnetConfig;
use super::distances::buckets;
use super::layer::MpnetLayer;
use crate::construction::Scope;
use crate::families::embeddings::TextEmbeddings;
use crate::families::inputs::TEXT_INPUTS_WITHOUT_SEGMENTS;
use crate::families::pooler::Pooler;
use crate::families::tables::Tables;
use crate::layers::{AttentionBias, Dropout, Embedding, LayerNorm};
use crate::{Backbone, BackboneOutput, Layout, Pass, Result};

/// The token of padding, and its place.
pub(super) const PADDING: i64 = 1;

/// `MPNetModel`: all layers add the same bias.
#[derive(Debug)]
pub(super) struct MpnetModel {
    tables: Tables,
    embeddings: TextEmbeddings,
    layers: Vec<MpnetLayer>,
    /// A number for each kind of distance and each head.
    relative_attention_bias: Embedding,
    pooler: Option<Pooler>,
}

impl MpnetModel {
    pub(super) fn new(scope: &Scope<'_>, config: &MpnetConfig, with_pooler: bool) -> Result<Self> {
        let pooler = || Pooler::new(&(scope / "pooler" / "dense"), config.hidden_size);
        let encoder = scope / "encoder";
        let layer = |number| MpnetLayer::new(&(&encoder / "layer" / number), config);
        Ok(Self {
            tables: Tables {
                words: config.vocab_size,
                segments: None,
                places: config.max_position_embeddings,
                padding: Some(PADDING),
            },
            embeddings: embeddings(&(scope / "embeddings"), config)?,
            layers: (0..config.num_hidden_layers)
                .map(layer)
                .collect::<Result<_>>()?,
            relative_attention_bias: Embedding::new(
                &(&encoder / "relative_attention_bias"),
                config.relative_attention_num_buckets,
                config.num_attention_heads,
                None,
            )?,
            pooler: with_pooler.then(pooler).transpose()?,
        })
    }

    /// `MPNetEncoder.compute_position_bias`: distances are those of the batch's columns.
    fn bias(&self, states: &Tensor, pass: Pass<'_>) -> Result<AttentionBias> {
        let length = match pass.layout {
            Layout::Padded { .. } => states.size()[1],
            Layout::Packed(packed) => packed.width,
        };
        let buckets = buckets(length, states.device())?;
        let bias = self.relative_attention_bias.forward(&buckets)?;
        AttentionBias::new(&bias.f_permute([2, 0, 1])?, states, pass.layout)
    }
}

fn through(
    layer: &MpnetLayer,
    hidden: &Tensor,
    bias: &AttentionBias,
    pass: Pass<'_>,
) -> Result<Tensor> {
    if !pass.recomputes(hidden) {
        return layer.forward(hidden, bias, pass);
    }
    let (layer, held) = (layer.shallow_clone(), bias.shallow_clone());
    let inputs: Vec<&Tensor> = [hidden].into_iter().chain(bias.tensors()).collect();
    pass.recomputing_all(&inputs, move |inputs, pass| {
        layer.forward(&inputs[0], &held.with_tensors(&inputs[1..]), pass)
    })
}

fn embeddings(scope: &Scope<'_>, config: &MpnetConfig) -> Result<TextEmbeddings> {
    let width = config.hidden_size;
    let table =
        |name: &str, entries| Embedding::new(&(scope / name), entries, width, Some(PADDING));
    Ok(TextEmbeddings {
        word_embeddings: table("word_embeddings", config.vocab_size)?,
        token_type_embeddings: None,
        position_embeddings: table("position_embeddings", config.max_position_embeddings)?,
        layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
        dropout: Dropout::new(config.hidden_dropout_prob),
    })
}

impl Backbone for MpnetModel {
    fn input_names(&self) -> &'static [&'static str] {
        TEXT_INPUTS_WITHOUT_SEGMENTS
    }

    fn max_length(&self) -> Option<usize> {
        usize::try_from(self.tables.longest()).ok()
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        self.tables.prepare(inputs)
    }

    fn takes_packed(&self) -> bool {
        true
    }

    fn can_recompute(&self) -> bool {
        true
    }

    fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<BackboneOutput> {
        let states = self.embeddings.forward(inputs, pass)?;
        let bias = self.bias(&states, pass)?;
        let mut layers = self.layers.iter();
        let states =
            layers.try_fold(states, |states, layer| through(layer, &states, &bias, pass))?;
        let pooler = self.pooler.as_ref();
        let pooled = pooler.map(|pooler| pooler.forward(&states, pass));
        Ok(BackboneOutput::new(states, pooled.transpose()?))
    }
}

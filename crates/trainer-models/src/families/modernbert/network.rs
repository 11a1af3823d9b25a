use tch::Tensor;
use trainer_collate::Batch;

use super::ModernBertConfig;
use super::drawing::Drawing;
use super::layer::{ModernBertLayer, norm};
use super::rotary::Rotation;
use super::sight::Sight;
use crate::construction::Scope;
use crate::families::inputs::{
    TEXT_INPUTS_WITHOUT_SEGMENTS, add_positions, check_inputs, check_mask_of_two_dimensions,
};
use crate::layers::{Dropout, Embedding, LayerNorm};
use crate::{Backbone, BackboneOutput, Pass, Result};

/// `ModernBertModel`.
#[derive(Debug)]
pub(super) struct ModernBertModel {
    words: Embedding,
    embedding_norm: LayerNorm,
    embedding_dropout: Dropout,
    layers: Vec<ModernBertLayer>,
    final_norm: LayerNorm,
    config: ModernBertConfig,
}

impl ModernBertModel {
    pub(super) fn new(scope: &Scope<'_>, config: ModernBertConfig) -> Result<Self> {
        let embeddings = scope / "embeddings";
        let (count, width) = (config.vocab_size, config.hidden_size);
        let table = &embeddings / "tok_embeddings";
        let words = Embedding::new(&table, count, width, config.pad_token_id)?;
        let embedding_norm = norm(&(&embeddings / "norm"), &config)?;
        Drawing::of(&config).inward(&embeddings, words.weight());
        let layer = |number| ModernBertLayer::new(&(scope / "layers" / number), &config, number);
        let layers = (0..config.num_hidden_layers).map(layer);
        Ok(Self {
            words,
            embedding_norm,
            embedding_dropout: Dropout::new(config.embedding_dropout),
            layers: layers.collect::<Result<_>>()?,
            final_norm: norm(&(scope / "final_norm"), &config)?,
            config,
        })
    }

    /// Token numbers, or vectors in their place, to states.
    fn embed(&self, inputs: &Batch, pass: Pass<'_>) -> Result<Tensor> {
        let states = match inputs.get("inputs_embeds") {
            Some(vectors) => vectors.shallow_clone(),
            None => Embedding::sum(&[(&self.words, inputs.require("input_ids")?)], pass)?,
        };
        let states = self.embedding_norm.forward(&states)?;
        self.embedding_dropout.forward_as(&states, pass)
    }

    /// What layers that look everywhere are told of a batch, and what the others are.
    fn told(&self, inputs: &Batch, states: &Tensor, pass: Pass<'_>) -> Result<[Told; 2]> {
        let places = inputs.require("position_ids")?;
        let (width, kind) = (self.config.head_width(), states.kind());
        let rotation = |is_global| Rotation::new(places, width, self.config.theta(is_global), kind);
        let reach = self.config.reach();
        Ok([
            Told {
                rotation: rotation(true)?,
                sight: Sight::everywhere(pass.layout),
            },
            Told {
                rotation: rotation(false)?,
                sight: Sight::within(reach, states, pass.layout)?,
            },
        ])
    }
}

/// What layers of one type are told of a batch.
#[derive(Debug)]
struct Told {
    rotation: Rotation,
    sight: Sight,
}

impl Told {
    fn shallow_clone(&self) -> Self {
        Self {
            rotation: self.rotation.shallow_clone(),
            sight: self.sight.shallow_clone(),
        }
    }
}

impl Backbone for ModernBertModel {
    fn input_names(&self) -> &'static [&'static str] {
        TEXT_INPUTS_WITHOUT_SEGMENTS
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        check_mask_of_two_dimensions(inputs)?;
        let ranges = [("input_ids", self.config.vocab_size)];
        let [rows, length] = check_inputs(inputs, i64::MAX, &ranges)?;
        if inputs.get("position_ids").is_none() {
            add_positions(inputs, 0..length)?;
        }
        Ok([rows, length])
    }

    fn takes_packed(&self) -> bool {
        true
    }

    fn can_recompute(&self) -> bool {
        true
    }

    fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<BackboneOutput> {
        let mut hidden = self.embed(inputs, pass)?;
        let [global, local] = self.told(inputs, &hidden, pass)?;
        for (number, layer) in (0_i64..).zip(&self.layers) {
            let told = match self.config.is_global(number) {
                true => &global,
                false => &local,
            };
            hidden = match pass.recomputes(&hidden) {
                false => layer.forward(&hidden, &told.rotation, &told.sight, pass)?,
                true => {
                    let (layer, told) = (layer.shallow_clone(), told.shallow_clone());
                    pass.recomputing(&hidden, move |hidden, pass| {
                        layer.forward(hidden, &told.rotation, &told.sight, pass)
                    })?
                }
            };
        }
        Ok(BackboneOutput::new(self.final_norm.forward(&hidden)?, None))
    }
}

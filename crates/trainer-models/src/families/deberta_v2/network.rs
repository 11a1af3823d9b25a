use tch::Tensor;
use trainer_collate::Batch;

use super::DebertaV2Config;
use super::attention::Columns;
use super::convolution::Convolution;
use super::distances::Distances;
use super::embeddings::DebertaEmbeddings;
use super::layer::DebertaLayer;
use crate::construction::{Role, Scope};
use crate::families::inputs::{
    TEXT_INPUTS, add_positions, check_inputs, check_mask_of_two_dimensions,
};
use crate::layers::LayerNorm;
use crate::{Backbone, BackboneOutput, Pass, Result};

/// `DebertaV2Model`.
#[derive(Debug)]
pub(super) struct DebertaModel {
    words: i64,
    /// How many segments there are; 0 for none.
    segments: i64,
    /// How many places there are, where they have embeddings.
    places: Option<i64>,
    embeddings: DebertaEmbeddings,
    layers: Vec<DebertaLayer>,
    distances: Option<(Distances, Tensor)>,
    distance_norm: Option<LayerNorm>,
    convolution: Option<Convolution>,
}

impl DebertaModel {
    pub(super) fn new(scope: &Scope<'_>, config: &DebertaV2Config) -> Result<Self> {
        let encoder = scope / "encoder";
        let embeddings = DebertaEmbeddings::new(&(scope / "embeddings"), config)?;
        let layer = |number| DebertaLayer::new(&(&encoder / "layer" / number), config);
        let layers = (0..config.num_hidden_layers).map(layer);
        let layers = layers.collect::<Result<_>>()?;
        let width = config.hidden_size;
        let distances = config.distances().map(|distances| -> Result<_> {
            let (shape, role) = (
                [2 * distances.span(), width],
                Role::Embedding { padding: None },
            );
            let table = (&encoder / "rel_embeddings").weight("weight", &shape, role)?;
            Ok((distances, table))
        });
        let distances = distances.transpose()?;
        let norm = || LayerNorm::new(&(&encoder / "LayerNorm"), width, config.layer_norm_eps);
        let convolution = || Convolution::new(&(&encoder / "conv"), config);
        Ok(Self {
            words: config.vocab_size,
            segments: config.type_vocab_size,
            places: config
                .position_biased_input
                .then_some(config.max_position_embeddings),
            embeddings,
            layers,
            distances,
            distance_norm: config.normalises_distances().then(norm).transpose()?,
            convolution: (config.conv_kernel_size > 0)
                .then(convolution)
                .transpose()?,
        })
    }

    /// The embeddings of distances, as all layers get them.
    fn distance_states(&self) -> Result<Option<Tensor>> {
        match (&self.distances, &self.distance_norm) {
            (Some((_, table)), Some(norm)) => Ok(Some(norm.forward(table)?)),
            (Some((_, table)), None) => Ok(Some(table.shallow_clone())),
            (None, _) => Ok(None),
        }
    }
}

/// What a layer, and the convolution beside it, make of states.
fn through(
    (layer, beside): (&DebertaLayer, Option<&Convolution>),
    hidden: &Tensor,
    places: Option<&Tensor>,
    batched: &Batched,
    pass: Pass<'_>,
) -> Result<Tensor> {
    let states = layer.forward(hidden, places, &batched.columns, pass)?;
    match beside {
        Some(beside) => beside.forward(hidden, &states, batched.kept.as_ref(), pass),
        None => Ok(states),
    }
}

/// What layers are told of a batch.
#[derive(Debug)]
struct Batched {
    columns: Columns,
    /// True for tokens and false for padding, bool `[rows, columns]`, where padding has stayed.
    kept: Option<Tensor>,
}

impl Batched {
    fn shallow_clone(&self) -> Self {
        Self {
            columns: self.columns.shallow_clone(),
            kept: self.kept.as_ref().map(Tensor::shallow_clone),
        }
    }
}

impl Backbone for DebertaModel {
    fn input_names(&self) -> &'static [&'static str] {
        TEXT_INPUTS
    }

    fn max_length(&self) -> Option<usize> {
        self.places.and_then(|places| usize::try_from(places).ok())
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        check_mask_of_two_dimensions(inputs)?;
        let mut ranges = vec![("input_ids", self.words)];
        match self.segments {
            0 => drop(inputs.remove("token_type_ids")),
            segments => ranges.push(("token_type_ids", segments)),
        }
        match self.places {
            None => drop(inputs.remove("position_ids")),
            Some(places) => ranges.push(("position_ids", places)),
        }
        let [rows, length] = check_inputs(inputs, self.places.unwrap_or(i64::MAX), &ranges)?;
        if self.places.is_some() && inputs.get("position_ids").is_none() {
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
        let kept = pass.layout.kept()?;
        let mut hidden = self.embeddings.forward(inputs, kept.as_ref(), pass)?;
        let distances = self.distances.as_ref().map(|(distances, _)| *distances);
        let columns = Columns::new(&hidden, kept.as_ref(), distances, pass.layout)?;
        let batched = Batched { columns, kept };
        let places = self.distance_states()?;
        let mut beside = self.convolution.as_ref();
        for layer in &self.layers {
            let beside = beside.take();
            hidden = match pass.recomputes(&hidden) {
                false => through((layer, beside), &hidden, places.as_ref(), &batched, pass)?,
                true => {
                    let (layer, batched) = (layer.shallow_clone(), batched.shallow_clone());
                    let beside = beside.map(Convolution::shallow_clone);
                    let inputs: Vec<&Tensor> = [&hidden].into_iter().chain(&places).collect();
                    pass.recomputing_all(&inputs, move |inputs, pass| {
                        let both = (&layer, beside.as_ref());
                        through(both, &inputs[0], inputs.get(1), &batched, pass)
                    })?
                }
            };
        }
        Ok(BackboneOutput::new(hidden, None))
    }
}

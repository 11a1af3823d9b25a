use tch::Tensor;

use crate::layers::{ActivatedLinear, ResidualNorm, SelfAttention};
use crate::{Pass, Result};

/// One layer of BERT and its relatives: attention, then the feed-forward block, each normalised with its residual behind it. A
/// family makes the parts, under its own names and in Python's order, which is that of the numbers drawn.
#[derive(Debug)]
pub(super) struct EncoderLayer {
    pub(super) attention: SelfAttention,
    pub(super) attention_output: ResidualNorm,
    pub(super) intermediate: ActivatedLinear,
    pub(super) output: ResidualNorm,
}

impl EncoderLayer {
    fn shallow_clone(&self) -> Self {
        Self {
            attention: self.attention.shallow_clone(),
            attention_output: self.attention_output.shallow_clone(),
            intermediate: self.intermediate.shallow_clone(),
            output: self.output.shallow_clone(),
        }
    }

    fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, pass)?;
        let attended = self.attention_output.forward(&attended, hidden, pass)?;
        self.feed_forward(&attended, pass)
    }

    /// What [`forward`](Self::forward) gives for the first token of every row: `[rows, hidden]`.
    fn forward_first(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let first = pass.layout.first_tokens(hidden)?;
        let attended = self.attention.forward_first(hidden, &first, pass)?;
        let attended = self.attention_output.forward(&attended, &first, pass)?;
        self.feed_forward(&attended, pass)
    }

    fn feed_forward(&self, attended: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let inner = self.intermediate.forward(attended, pass)?;
        self.output.forward(&inner, attended, pass)
    }
}

/// Layers, one on the other.
#[derive(Debug)]
pub(super) struct Encoder {
    layers: Vec<EncoderLayer>,
    /// The layer of each turn: a layer may have several.
    turns: Vec<usize>,
}

impl Encoder {
    /// Each layer once, in order.
    pub(super) fn new(layers: Vec<EncoderLayer>) -> Self {
        let turns = (0..layers.len()).collect();
        Self { layers, turns }
    }

    /// Layers by their numbers, which are below the count of `layers`.
    pub(super) fn repeating(layers: Vec<EncoderLayer>, turns: Vec<usize>) -> Self {
        Self { layers, turns }
    }

    /// States of all tokens to the same, or to those that are [read](Pass::narrows).
    pub(super) fn forward(&self, hidden: Tensor, pass: Pass<'_>) -> Result<Tensor> {
        type Forward = fn(&EncoderLayer, &Tensor, Pass<'_>) -> Result<Tensor>;
        let through = |layer: &EncoderLayer, hidden: &Tensor, forward: Forward| {
            if !pass.recomputes(hidden) {
                return forward(layer, hidden, pass);
            }
            let layer = layer.shallow_clone();
            pass.recomputing(hidden, move |hidden, pass| forward(&layer, hidden, pass))
        };
        let mut layers = self.turns.iter().filter_map(|turn| self.layers.get(*turn));
        let last = pass.narrows().then(|| layers.next_back()).flatten();
        let hidden = layers.try_fold(hidden, |hidden, layer| {
            through(layer, &hidden, EncoderLayer::forward)
        })?;
        match last {
            Some(last) => through(last, &hidden, EncoderLayer::forward_first),
            None if pass.narrows() => pass.layout.first_tokens(&hidden),
            None => Ok(hidden),
        }
    }
}

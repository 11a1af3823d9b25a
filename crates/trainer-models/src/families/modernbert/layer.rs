use tch::Tensor;

use super::ModernBertConfig;
use super::attention::RotaryAttention;
use super::drawing::Drawing;
use super::rotary::Rotation;
use super::sight::Sight;
use crate::construction::Scope;
use crate::layers::{Activation, Dropout, LayerNorm, Linear};
use crate::{Pass, Result};

/// `ModernBertEncoderLayer`: attention and the feed-forward block, each of normalised states and added to them as they were.
#[derive(Debug)]
pub(super) struct ModernBertLayer {
    /// The first layer is given states that are normalised.
    attention_norm: Option<LayerNorm>,
    attention: RotaryAttention,
    feed_forward_norm: LayerNorm,
    feed_forward: FeedForward,
}

impl ModernBertLayer {
    pub(super) fn new(scope: &Scope<'_>, config: &ModernBertConfig, number: i64) -> Result<Self> {
        let norm = |name: &str| norm(&(scope / name), config);
        Ok(Self {
            attention_norm: (number > 0).then(|| norm("attn_norm")).transpose()?,
            attention: RotaryAttention::new(&(scope / "attn"), config)?,
            feed_forward_norm: norm("mlp_norm")?,
            feed_forward: FeedForward::new(&(scope / "mlp"), config)?,
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        Self {
            attention_norm: self.attention_norm.as_ref().map(LayerNorm::shallow_clone),
            attention: self.attention.shallow_clone(),
            feed_forward_norm: self.feed_forward_norm.shallow_clone(),
            feed_forward: self.feed_forward.shallow_clone(),
        }
    }

    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        rotation: &Rotation,
        sight: &Sight,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let normalised = match &self.attention_norm {
            Some(norm) => norm.forward(hidden)?,
            None => hidden.shallow_clone(),
        };
        let attended = self.attention.forward(&normalised, rotation, sight, pass)?;
        let hidden = hidden.f_add(&attended)?;
        let normalised = self.feed_forward_norm.forward(&hidden)?;
        Ok(hidden.f_add(&self.feed_forward.forward(&normalised, pass)?)?)
    }
}

/// A norm as this family has them.
pub(super) fn norm(scope: &Scope<'_>, config: &ModernBertConfig) -> Result<LayerNorm> {
    LayerNorm::perhaps_shifted(scope, config.hidden_size, config.norm_eps, config.norm_bias)
}

/// `ModernBertMLP`: one half of what the first layer gives, through a function, times the other half.
#[derive(Debug)]
struct FeedForward {
    inner: Linear,
    activation: Activation,
    dropout: Dropout,
    output: Linear,
}

impl FeedForward {
    fn new(scope: &Scope<'_>, config: &ModernBertConfig) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let linear =
            |name: &str, sizes| Linear::perhaps_biased(&(scope / name), sizes, config.mlp_bias);
        let block = Self {
            inner: linear("Wi", [width, 2 * inner])?,
            activation: config.hidden_activation,
            dropout: Dropout::new(config.mlp_dropout),
            output: linear("Wo", [inner, width])?,
        };
        let drawing = Drawing::of(config);
        drawing.inward(scope, block.inner.weight());
        drawing.outward(scope, block.output.weight());
        Ok(block)
    }

    fn shallow_clone(&self) -> Self {
        Self {
            inner: self.inner.shallow_clone(),
            output: self.output.shallow_clone(),
            ..*self
        }
    }

    fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let halves = self.inner.forward_as(hidden, pass)?.f_chunk(2, -1)?;
        let gated = self.activation.forward(&halves[0])?.f_mul(&halves[1])?;
        let gated = self.dropout.forward_as(&gated, pass)?;
        self.output.forward_as(&gated, pass)
    }
}

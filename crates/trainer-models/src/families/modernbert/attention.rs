use tch::Tensor;

use super::ModernBertConfig;
use super::drawing::Drawing;
use super::rotary::Rotation;
use super::sight::Sight;
use crate::construction::Scope;
use crate::layers::{Attend, Dropout, Linear};
use crate::layout::Packed;
use crate::{Layout, Pass, Result};

/// `ModernBertAttention`: queries and keys are turned by their places.
#[derive(Debug)]
pub(super) struct RotaryAttention {
    states: Linear,
    output: Linear,
    attend: Attend,
    head_width: i64,
    dropout: Dropout,
}

impl RotaryAttention {
    pub(super) fn new(scope: &Scope<'_>, config: &ModernBertConfig) -> Result<Self> {
        let (width, has_bias) = (config.hidden_size, config.attention_bias);
        let linear = |name: &str, outputs| {
            Linear::perhaps_biased(&(scope / name), [width, outputs], has_bias)
        };
        let attention = Self {
            states: linear("Wqkv", 3 * width)?,
            output: linear("Wo", width)?,
            attend: Attend::new(config.head_width(), config.attention_dropout),
            head_width: config.head_width(),
            dropout: Dropout::new(config.attention_dropout),
        };
        let drawing = Drawing::of(config);
        drawing.inward(scope, attention.states.weight());
        drawing.outward(scope, attention.output.weight());
        Ok(attention)
    }

    pub(super) fn shallow_clone(&self) -> Self {
        Self {
            states: self.states.shallow_clone(),
            output: self.output.shallow_clone(),
            ..*self
        }
    }

    /// States of all tokens, `[…, width]`, to the same.
    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        rotation: &Rotation,
        sight: &Sight,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let states = self.states.forward_as(hidden, pass)?;
        let attended = match pass.layout {
            Layout::Padded { .. } => self.padded(&states, rotation, sight, pass)?,
            Layout::Packed(packed) => self.packed(&states, rotation, sight, packed, pass)?,
        };
        let output = self.output.forward_as(&attended, pass)?;
        self.dropout.forward_as(&output, pass)
    }

    fn padded(
        &self,
        states: &Tensor,
        rotation: &Rotation,
        sight: &Sight,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let [rows, length, _] = states.size().try_into().unwrap_or([0; 3]);
        let parts = states.f_view([rows, length, 3, -1, self.head_width])?;
        let parts = parts.f_unbind(2)?;
        let [query, key, value] = [0, 1, 2].map(|part: usize| parts[part].f_transpose(1, 2));
        let (query, key, value) = (query?, key?, value?);
        let (query, key) = (rotation.turn(&query)?, rotation.turn(&key)?);
        self.attend
            .by_heads([&query, &key, &value], sight.mask(), pass)
    }

    fn packed(
        &self,
        states: &Tensor,
        rotation: &Rotation,
        sight: &Sight,
        packed: &Packed,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let tokens = states.size()[0];
        let parts = states.f_view([tokens, 3, -1, self.head_width])?;
        let parts = parts.f_unbind(1)?;
        let query = rotation.turn(&parts[0])?.f_flatten(1, 2)?;
        let key = rotation.turn(&parts[1])?.f_flatten(1, 2)?;
        let value = parts[2].f_flatten(1, 2)?;
        match (sight.local_mask(), pass.fused([states])) {
            (None, Some(packed)) => {
                let states = Tensor::f_cat(&[query, key, value], 1)?;
                self.attend.fused(None, &states, packed, pass)
            }
            (mask, _) => self
                .attend
                .packed([&query, &key, &value], packed, mask, pass),
        }
    }
}

use tch::Tensor;

use super::{Activation, Linear};
use crate::construction::Scope;
use crate::{Pass, Result};

/// A linear layer, `dense`, and an activation: the first half of a feed-forward block.
#[derive(Debug)]
pub struct ActivatedLinear {
    dense: Linear,
    activation: Activation,
}

impl ActivatedLinear {
    /// From `inputs` to `outputs`.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(
        scope: &Scope<'_>,
        [inputs, outputs]: [i64; 2],
        activation: Activation,
    ) -> Result<Self> {
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), inputs, outputs)?,
            activation,
        })
    }

    /// A linear layer that a family has made under its own name.
    #[must_use]
    pub fn from_parts(dense: Linear, activation: Activation) -> Self {
        Self { dense, activation }
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            dense: self.dense.shallow_clone(),
            activation: self.activation,
        }
    }

    /// `[…, inputs]` to `[…, outputs]`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, input: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        match pass.fused([input, self.dense.weight()]) {
            Some(_) if self.activation == Activation::Gelu => self.dense.forward_gelu(input),
            Some(_) => self
                .activation
                .forward(&Linear::forward_all([&self.dense], input)?),
            None => self.activation.forward(&self.dense.forward(input)?),
        }
    }
}

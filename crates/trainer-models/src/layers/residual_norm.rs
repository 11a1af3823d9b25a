use tch::Tensor;

use super::{Dropout, LayerNorm, Linear};
use crate::construction::Scope;
use crate::{Pass, Result};

/// A projection, dropout, then the normalised sum with what went into the block: `BertSelfOutput` and `BertOutput`.
#[derive(Debug)]
pub struct ResidualNorm {
    dense: Linear,
    layer_norm: LayerNorm,
    dropout: Dropout,
}

impl ResidualNorm {
    /// `dense`, from `inputs` to `width`, and `LayerNorm`, whose variance gets `eps` added; `dropout` comes between.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(
        scope: &Scope<'_>,
        [inputs, width]: [i64; 2],
        eps: f64,
        dropout: f64,
    ) -> Result<Self> {
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), inputs, width)?,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, eps)?,
            dropout: Dropout::new(dropout),
        })
    }

    /// Parts that a family has made under its own names.
    #[must_use]
    pub fn from_parts(dense: Linear, layer_norm: LayerNorm, dropout: Dropout) -> Self {
        Self {
            dense,
            layer_norm,
            dropout,
        }
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            dense: self.dense.shallow_clone(),
            layer_norm: self.layer_norm.shallow_clone(),
            dropout: self.dropout,
        }
    }

    /// `[…, inputs]` and the block's input `[…, width]` to `[…, width]`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, hidden: &Tensor, residual: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        if pass.fused([hidden, self.dense.weight()]).is_some() {
            let hidden = Linear::forward_all([&self.dense], hidden)?;
            return self
                .layer_norm
                .after_residual([&hidden, residual], self.dropout, pass);
        }
        let hidden = self
            .dropout
            .forward(&self.dense.forward(hidden)?, pass.mode)?;
        self.layer_norm.forward(&hidden.f_add(residual)?)
    }
}

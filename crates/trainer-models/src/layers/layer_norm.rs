use tch::Tensor;
use trainer_torch::fast;

use super::Dropout;
use crate::construction::{Role, Scope};
use crate::{Pass, Result};

/// `torch.nn.LayerNorm` over the last dimension.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    width: i64,
    eps: f64,
}

impl LayerNorm {
    /// Over a last dimension of `width`; `eps` is added to the variance.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, width: i64, eps: f64) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[width], Role::NormWeight)?,
            bias: scope.weight("bias", &[width], Role::NormBias)?,
            width,
            eps,
        })
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.shallow_clone(),
            width: self.width,
            eps: self.eps,
        }
    }

    /// `[…, width]` to the same.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.f_layer_norm(
            self.width,
            Some(&self.weight),
            Some(&self.bias),
            self.eps,
            true,
        )?)
    }

    /// The norm of a sum, `[…, width]` each, whose first part goes through dropout, as one fused operation.
    pub(super) fn after_residual(
        &self,
        sum: [&Tensor; 2],
        dropout: Dropout,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let dropout = dropout.draw(pass.mode)?;
        let weights = [&self.weight, &self.bias];
        Ok(fast::residual_norm(sum, weights, self.eps, dropout)?)
    }
}

use tch::Tensor;
use trainer_torch::fast;

use super::Dropout;
use crate::construction::{Role, Scope};
use crate::{Pass, Result};

/// `torch.nn.LayerNorm` over the last dimension.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Option<Tensor>,
    width: i64,
    eps: f64,
}

impl LayerNorm {
    /// Over a last dimension of `width`; `eps` is added to the variance.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, width: i64, eps: f64) -> Result<Self> {
        Self::perhaps_shifted(scope, width, eps, true)
    }

    /// [`new`](Self::new), with `bias` or without.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn perhaps_shifted(
        scope: &Scope<'_>,
        width: i64,
        eps: f64,
        has_bias: bool,
    ) -> Result<Self> {
        let bias = || scope.weight("bias", &[width], Role::NormBias);
        Ok(Self {
            weight: scope.weight("weight", &[width], Role::NormWeight)?,
            bias: has_bias.then(bias).transpose()?,
            width,
            eps,
        })
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.as_ref().map(Tensor::shallow_clone),
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
            self.bias.as_ref(),
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
        let Some(bias) = &self.bias else {
            let [first, second] = sum;
            let first = dropout.forward_as(first, pass)?;
            return self.forward(&first.f_add(second)?);
        };
        let dropout = dropout.draw(pass.mode)?;
        let weights = [&self.weight, bias];
        Ok(fast::residual_norm(sum, weights, self.eps, dropout)?)
    }
}

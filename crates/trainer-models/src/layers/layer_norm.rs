use tch::Tensor;

use crate::Result;
use crate::construction::{Role, Scope};

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
}

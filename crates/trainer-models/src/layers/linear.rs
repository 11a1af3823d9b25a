use tch::Tensor;

use crate::Result;
use crate::construction::{Role, Scope};

/// `torch.nn.Linear`.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// `weight` and `bias`.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, inputs: i64, outputs: i64) -> Result<Self> {
        let mut layer = Self::without_bias(scope, inputs, outputs)?;
        layer.bias = Some(scope.weight("bias", &[outputs], Role::LinearBias { inputs })?);
        Ok(layer)
    }

    /// `weight` alone.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn without_bias(scope: &Scope<'_>, inputs: i64, outputs: i64) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[outputs, inputs], Role::LinearWeight)?,
            bias: None,
        })
    }

    /// `[…, inputs]` to `[…, outputs]`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.f_linear(&self.weight, self.bias.as_ref())?)
    }
}

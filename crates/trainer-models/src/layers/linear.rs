use tch::Tensor;

use crate::Result;
use crate::construction::{Role, Scope};

/// `torch.nn.Linear` with a bias.
#[derive(Debug)]
pub(crate) struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    pub(crate) fn new(scope: &Scope<'_>, inputs: i64, outputs: i64) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[outputs, inputs], Role::LinearWeight)?,
            bias: scope.weight("bias", &[outputs], Role::LinearBias { inputs })?,
        })
    }

    /// `[…, inputs]` to `[…, outputs]`.
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.f_linear(&self.weight, Some(&self.bias))?)
    }
}

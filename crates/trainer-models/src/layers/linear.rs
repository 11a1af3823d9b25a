use tch::Tensor;
use trainer_torch::fast;

use crate::construction::{Role, Scope};
use crate::{Pass, Result};

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

    /// From `inputs` to `outputs`, with `bias` or without.
    pub(crate) fn perhaps_biased(
        scope: &Scope<'_>,
        [inputs, outputs]: [i64; 2],
        has_bias: bool,
    ) -> Result<Self> {
        match has_bias {
            true => Self::new(scope, inputs, outputs),
            false => Self::without_bias(scope, inputs, outputs),
        }
    }

    /// `[…, inputs]` to `[…, outputs]`.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.f_linear(&self.weight, self.bias.as_ref())?)
    }

    /// [`forward`](Self::forward) where `pass` says how: by the fused operation where it may be.
    pub(crate) fn forward_as(&self, input: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        match pass.fused([input, &self.weight]) {
            Some(_) => Self::forward_all([self], input),
            None => self.forward(input),
        }
    }

    /// The layer once more, with the same weights.
    pub(crate) fn shallow_clone(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            bias: self.bias.as_ref().map(Tensor::shallow_clone),
        }
    }

    pub(crate) fn weight(&self) -> &Tensor {
        &self.weight
    }

    /// The outputs of several layers over the same input, side by side, as one fused operation. All have a bias, or none.
    pub(crate) fn forward_all<const N: usize>(
        layers: [&Self; N],
        input: &Tensor,
    ) -> Result<Tensor> {
        let weights = layers.map(|layer| layer.weight.shallow_clone());
        let biases: Option<Vec<Tensor>> = layers
            .iter()
            .map(|layer| layer.bias.as_ref().map(Tensor::shallow_clone))
            .collect();
        Ok(fast::linear(input, &weights, biases.as_deref())?)
    }

    /// This layer and GELU as one fused operation.
    pub(super) fn forward_gelu(&self, input: &Tensor) -> Result<Tensor> {
        Ok(fast::linear_gelu(input, &self.weight, self.bias.as_ref())?)
    }
}

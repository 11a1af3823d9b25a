use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::Result;

/// A function between two linear layers; `hidden_act` in `config.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// `x Φ(x)`, exact.
    #[default]
    Gelu,
    /// GELU's tanh approximation, step by step (`NewGELUActivation`).
    GeluNew,
    /// GELU's tanh approximation as one operation.
    GeluPytorchTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x sigmoid(x)`.
    #[serde(alias = "swish")]
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The function of every element.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Gelu => input.f_gelu("none")?,
            Self::GeluNew => {
                let cubic = input.f_pow_tensor_scalar(3.0)?.f_mul_scalar(0.044715)?;
                let inner =
                    (input.f_add(&cubic)?).f_mul_scalar((2.0 / std::f64::consts::PI).sqrt())?;
                let gate = inner.f_tanh()?.f_add_scalar(1.0)?;
                input.f_mul_scalar(0.5)?.f_mul(&gate)?
            }
            Self::GeluPytorchTanh => input.f_gelu("tanh")?,
            Self::Relu => input.f_relu()?,
            Self::Silu => input.f_silu()?,
            Self::Tanh => input.f_tanh()?,
        })
    }
}

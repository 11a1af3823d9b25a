use std::f64::consts::{PI, SQRT_2};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::Result;

/// A function between two linear layers; `hidden_act` in `config.json`, under the names of transformers' `ACT2FN`. Those that
/// have weights of their own (`prelu`, `xielu`) are not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// `x Φ(x)`, exact.
    #[default]
    Gelu,
    /// [`Gelu`](Self::Gelu) within -10 and 10.
    #[serde(rename = "gelu_10")]
    Gelu10,
    /// GELU's tanh approximation, with its constant in decimals (`FastGELUActivation`).
    GeluFast,
    /// GELU's tanh approximation, step by step (`NewGELUActivation`).
    #[serde(alias = "gelu_accurate")]
    GeluNew,
    /// [`Gelu`](Self::Gelu) step by step, by the error function.
    GeluPython,
    /// GELU's tanh approximation as one operation.
    GeluPytorchTanh,
    /// GELU's tanh approximation, step by step, with the arithmetic of [`GeluNew`](Self::GeluNew).
    GeluPythonTanh,
    /// `x max(0, min(1, x/6 + 1/2))`.
    Hardswish,
    /// A normal distribution's integral, near to the square of ReLU (`LaplaceActivation`).
    Laplace,
    /// `x`, or `x/100` below 0.
    LeakyRelu,
    /// `x`.
    Linear,
    /// `x tanh(ln(1 + e^x))`.
    Mish,
    /// `x sigmoid(1.702 x)`.
    QuickGelu,
    /// `max(x, 0)`.
    Relu,
    /// `max(x, 0)²`.
    Relu2,
    /// `max(x, 0)`, 6 at most.
    Relu6,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// `x sigmoid(x)`.
    #[serde(alias = "swish")]
    Silu,
    /// The root of `ln(1 + e^x)`.
    Sqrtsoftplus,
    /// Hyperbolic tangent.
    Tanh,
}

/// `sqrt(1/2)` and `sqrt(1/(4π))`, as far as Python writes them out.
#[expect(clippy::approx_constant, reason = "Python's digits, not the constant")]
const LAPLACE_MEAN: f64 = 0.707107;
const LAPLACE_DEVIATION: f64 = 0.282095;

impl Activation {
    /// The function of every element.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(self, input: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Gelu => input.f_gelu("none")?,
            Self::Gelu10 => input.f_gelu("none")?.f_clamp(-10.0, 10.0)?,
            Self::GeluFast => half_gated(input, || {
                let outer = input.f_mul_scalar(0.7978845608)?;
                let square = input.f_mul_scalar(0.044715)?.f_mul(input)?;
                Ok(outer.f_mul(&square.f_add_scalar(1.0)?)?.f_tanh()?)
            })?,
            Self::GeluNew | Self::GeluPythonTanh => half_gated(input, || {
                let cubic = input.f_pow_tensor_scalar(3.0)?.f_mul_scalar(0.044715)?;
                let inner = input.f_add(&cubic)?.f_mul_scalar((2.0 / PI).sqrt())?;
                Ok(inner.f_tanh()?)
            })?,
            Self::GeluPython => half_gated(input, || Ok(input.f_div_scalar(SQRT_2)?.f_erf()?))?,
            Self::GeluPytorchTanh => input.f_gelu("tanh")?,
            Self::Hardswish => input.f_hardswish()?,
            Self::Laplace => {
                let standard = input.f_sub_scalar(LAPLACE_MEAN)?;
                let standard = standard.f_div_scalar(LAPLACE_DEVIATION * SQRT_2)?;
                standard.f_erf()?.f_add_scalar(1.0)?.f_mul_scalar(0.5)?
            }
            Self::LeakyRelu => input.f_leaky_relu()?,
            Self::Linear => input.shallow_clone(),
            Self::Mish => input.f_mish()?,
            Self::QuickGelu => input.f_mul(&input.f_mul_scalar(1.702)?.f_sigmoid()?)?,
            Self::Relu => input.f_relu()?,
            Self::Relu2 => input.f_relu()?.f_square()?,
            Self::Relu6 => input.f_relu6()?,
            Self::Sigmoid => input.f_sigmoid()?,
            Self::Silu => input.f_silu()?,
            Self::Sqrtsoftplus => input.f_softplus()?.f_sqrt()?,
            Self::Tanh => input.f_tanh()?,
        })
    }
}

/// `0.5 x (1 + gate)`, made in Python's order, in which the parts of the gradient are added up.
fn half_gated(input: &Tensor, gate: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
    let half = input.f_mul_scalar(0.5)?;
    Ok(half.f_mul(&gate()?.f_add_scalar(1.0)?)?)
}

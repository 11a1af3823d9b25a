#![allow(unsafe_code)]

use tch::Tensor;

use crate::ffi::{self, owned_tensor, pointers};
use crate::{Error, Result};

/// `input · weightᵀ + bias` of several weights over the same input, their outputs side by side: `[…, inputs]` and weights
/// `[outputs, inputs]` to `[…, all outputs]`. All have a bias, or none.
///
/// ```
/// use tch::Tensor;
/// use trainer_torch::fast::linear;
///
/// let input = Tensor::from_slice(&[1.0f32, 2.0]).view([1, 2]);
/// let weight = Tensor::from_slice(&[3.0f32, 4.0, 5.0, 6.0]).view([2, 2]);
/// let bias = Tensor::from_slice(&[0.5f32, 0.0]);
/// let output = linear(&input, &[weight], Some(&[bias]))?;
/// assert_eq!(Vec::<f32>::try_from(output.view([-1]))?, [11.5, 17.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When shapes do not fit each other, there is no element, or a tensor is not float32 in host memory.
pub fn linear(input: &Tensor, weights: &[Tensor], biases: Option<&[Tensor]>) -> Result<Tensor> {
    call("linear", input, weights, biases, false)
}

/// [`linear`] of one weight, then GELU, `x Φ(x)` ([Hendrycks and Gimpel 2016](https://arxiv.org/abs/1606.08415)).
///
/// # Errors
/// As [`linear`].
pub fn linear_gelu(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let bias = bias.map(|bias| [bias.shallow_clone()]);
    call(
        "linear_gelu",
        input,
        &[weight.shallow_clone()],
        bias.as_ref().map(<[Tensor; 1]>::as_slice),
        true,
    )
}

fn call(
    function: &'static str,
    input: &Tensor,
    weights: &[Tensor],
    biases: Option<&[Tensor]>,
    gelu: bool,
) -> Result<Tensor> {
    if let Some(biases) = biases.filter(|biases| biases.len() != weights.len()) {
        return Err(Error::Length {
            function,
            name: "biases",
            found: biases.len(),
            expected: weights.len(),
        });
    }
    let weights = pointers(weights);
    let biases = biases.map(pointers);
    // SAFETY: the lists hold `weights.len()` pointers of live tensors; what comes back is owned.
    unsafe {
        owned_tensor(function, |output| {
            ffi::trainer_torch_linear(
                input.as_ptr(),
                weights.as_ptr(),
                biases.as_ref().map_or(std::ptr::null(), Vec::as_ptr),
                weights.len(),
                gelu,
                output,
            )
        })
    }
}

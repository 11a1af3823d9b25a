#![allow(unsafe_code)]

use tch::Tensor;

use super::Dropout;
use crate::Result;
use crate::ffi::{self, owned_tensor};

/// `layer_norm(dropout(input) + residual)` over the last dimension ([Ba et al. 2016](https://arxiv.org/abs/1607.06450)):
/// `(x - mean) / √(variance + eps) · weight + bias`, `[…, width]` and `weight` and `bias` of `[width]` to `[…, width]`.
///
/// # Errors
/// When shapes do not fit each other, or a tensor is not float32 in host memory.
pub fn residual_norm(
    [input, residual]: [&Tensor; 2],
    [weight, bias]: [&Tensor; 2],
    eps: f64,
    dropout: Dropout,
) -> Result<Tensor> {
    // SAFETY: the pointers are of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("residual_norm", |output| {
            ffi::trainer_torch_residual_norm(
                input.as_ptr(),
                residual.as_ptr(),
                weight.as_ptr(),
                bias.as_ptr(),
                eps,
                dropout.key,
                dropout.threshold,
                dropout.scale,
                output,
            )
        })
    }
}

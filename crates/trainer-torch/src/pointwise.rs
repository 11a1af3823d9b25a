//! Elementwise operations with a factor in double precision, which `tch` leaves out. The optimizers are written in them.
//!
//! None of them is recorded by autograd; those that end in `_` change their first tensor in place.
#![allow(unsafe_code)]

use tch::Tensor;

use crate::Result;
use crate::ffi::{self, check, owned_tensor};

/// `left + alpha * right`, as a new tensor.
///
/// # Errors
/// libtorch's, for shapes that do not fit each other.
pub fn add(left: &Tensor, right: &Tensor, alpha: f64) -> Result<Tensor> {
    // SAFETY: the pointers are of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("add", |sum| {
            ffi::trainer_torch_add(left.as_ptr(), right.as_ptr(), alpha, sum)
        })
    }
}

/// `tensor += alpha * other`.
///
/// # Errors
/// libtorch's, for shapes that do not fit each other.
///
/// ```
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0f32, 2.0]);
/// trainer_torch::pointwise::add_(&weight, &Tensor::from_slice(&[4.0f32, 4.0]), -0.25)?;
/// assert_eq!(Vec::<f32>::try_from(&weight)?, [0.0, 1.0]);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn add_(tensor: &Tensor, other: &Tensor, alpha: f64) -> Result<()> {
    // SAFETY: the pointers are of live tensors.
    check("add_", unsafe {
        ffi::trainer_torch_add_(tensor.as_ptr(), other.as_ptr(), alpha)
    })
}

/// `tensor += value * left * right`.
///
/// # Errors
/// libtorch's, for shapes that do not fit each other.
pub fn addcmul_(tensor: &Tensor, left: &Tensor, right: &Tensor, value: f64) -> Result<()> {
    // SAFETY: the pointers are of live tensors.
    check("addcmul_", unsafe {
        ffi::trainer_torch_addcmul_(tensor.as_ptr(), left.as_ptr(), right.as_ptr(), value)
    })
}

/// `tensor += value * left / right`.
///
/// # Errors
/// libtorch's, for shapes that do not fit each other.
pub fn addcdiv_(tensor: &Tensor, left: &Tensor, right: &Tensor, value: f64) -> Result<()> {
    // SAFETY: the pointers are of live tensors.
    check("addcdiv_", unsafe {
        ffi::trainer_torch_addcdiv_(tensor.as_ptr(), left.as_ptr(), right.as_ptr(), value)
    })
}

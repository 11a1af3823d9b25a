//! The norm of a tensor, in PyTorch's order of summation.
#![allow(unsafe_code)]

use tch::Tensor;

use crate::Result;
use crate::ffi::{self, check};

/// The norm of order `order` of all elements, 0-d, of the tensor's dtype and on its device, not recorded by autograd
/// (`torch.linalg.vector_norm`).
///
/// # Errors
/// libtorch's, for instance for integer tensors.
///
/// ```
/// let norm = trainer_torch::norm::vector_norm(&tch::Tensor::from_slice(&[3.0f32, 4.0]), 2.0)?;
/// assert_eq!(norm.f_double_value(&[])?, 5.0);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn vector_norm(tensor: &Tensor, order: f64) -> Result<Tensor> {
    let mut norm = std::ptr::null_mut();
    // SAFETY: the pointer is of a live tensor; what comes back is owned by the `Tensor` made of it.
    unsafe {
        check(
            "linalg_vector_norm",
            ffi::trainer_torch_vector_norm(tensor.as_ptr(), order, &raw mut norm),
        )?;
        Ok(Tensor::from_ptr(norm))
    }
}

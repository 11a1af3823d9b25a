//! Operations on lists of tensors: one kernel launch for many tensors on a GPU, a loop on a CPU.
//!
//! None of them is recorded by autograd.
#![allow(unsafe_code)]

use tch::Tensor;

use crate::Result;
use crate::ffi::{self, check, pointers};

/// Adds `value` to every tensor, in place (`torch._foreach_add_`).
///
/// # Errors
/// libtorch's, for instance for integer tensors.
pub fn add_scalar_(tensors: &[Tensor], value: f64) -> Result<()> {
    let list = pointers(tensors);
    // SAFETY: the pointers are of live tensors, `list.len()` of them.
    check("_foreach_add_", unsafe {
        ffi::trainer_torch_foreach_add_scalar_(list.as_ptr(), list.len(), value)
    })
}

/// Multiplies every tensor by the 0-d tensor `factor` of the same device, in place (`torch._foreach_mul_`).
///
/// # Errors
/// libtorch's, for instance for a factor on another device.
pub fn mul_tensor_(tensors: &[Tensor], factor: &Tensor) -> Result<()> {
    let list = pointers(tensors);
    // SAFETY: the pointers are of live tensors, `list.len()` of them.
    check("_foreach_mul_", unsafe {
        ffi::trainer_torch_foreach_mul_tensor_(list.as_ptr(), list.len(), factor.as_ptr())
    })
}

/// The norm of order `order` of every tensor, each 0-d, on its device (`torch._foreach_norm`).
///
/// # Errors
/// libtorch's, for instance for integer tensors.
pub fn norm(tensors: &[Tensor], order: f64) -> Result<Vec<Tensor>> {
    let list = pointers(tensors);
    let mut norms = vec![std::ptr::null_mut(); list.len()];
    // SAFETY: the pointers are of live tensors; `norms` has room for as many, and each is owned by the `Tensor` made of it.
    unsafe {
        let message =
            ffi::trainer_torch_foreach_norm(list.as_ptr(), list.len(), order, norms.as_mut_ptr());
        check("_foreach_norm", message)?;
        Ok(norms
            .into_iter()
            .map(|pointer| Tensor::from_ptr(pointer))
            .collect())
    }
}

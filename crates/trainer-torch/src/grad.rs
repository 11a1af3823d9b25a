//! The gradient slot of a leaf, without `tch`'s panics and without touching memory that is dropped anyway.
#![allow(unsafe_code)]

use tch::Tensor;

use crate::Result;
use crate::ffi::{self, check, optional};

/// Whether `tensor` has a gradient.
///
/// # Errors
/// When `tensor` is undefined.
pub fn is_defined(tensor: &Tensor) -> Result<bool> {
    let mut defined = false;
    // SAFETY: the pointer is of a live tensor.
    check("grad", unsafe {
        ffi::trainer_torch_grad_is_defined(tensor.as_ptr(), &raw mut defined)
    })?;
    Ok(defined)
}

/// A handle to the gradient of `tensor`; what is done to it in place is seen by the slot.
///
/// # Errors
/// When `tensor` is undefined.
///
/// ```
/// use tch::{Device, Kind, Tensor};
///
/// let weight = Tensor::f_ones([2], (Kind::Float, Device::Cpu))?.f_set_requires_grad(true)?;
/// assert!(trainer_torch::grad::get(&weight)?.is_none());
/// (&weight * 3.0).f_sum(Kind::Float)?.f_backward()?;
/// assert!(trainer_torch::grad::is_defined(&weight)?);
/// trainer_torch::grad::set_to_none(&weight)?;
/// assert!(!trainer_torch::grad::is_defined(&weight)?);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn get(tensor: &Tensor) -> Result<Option<Tensor>> {
    let mut grad = std::ptr::null_mut();
    // SAFETY: the pointer is of a live tensor; what comes back is owned by the `Tensor` made of it.
    unsafe {
        check(
            "grad",
            ffi::trainer_torch_grad_get(tensor.as_ptr(), &raw mut grad),
        )?;
        Ok((!grad.is_null()).then(|| Tensor::from_ptr(grad)))
    }
}

/// Puts `grad` into the slot of `tensor`, or empties it: `None` is `set_to_none` of PyTorch's `zero_grad`.
///
/// # Errors
/// When shape, dtype or device of `grad` differ from those of `tensor`.
pub fn set(tensor: &Tensor, grad: Option<&Tensor>) -> Result<()> {
    // SAFETY: the pointers are of live tensors, or null, which the shim takes for none.
    check("set grad", unsafe {
        ffi::trainer_torch_grad_set(tensor.as_ptr(), optional(grad))
    })
}

/// Empties the slot of `tensor`. The memory is free at once; the next backward writes its gradient instead of adding it.
///
/// # Errors
/// When `tensor` is undefined.
pub fn set_to_none(tensor: &Tensor) -> Result<()> {
    set(tensor, None)
}

/// Takes the gradient out of `tensor`, which has none afterwards.
///
/// # Errors
/// When `tensor` is undefined.
pub fn take(tensor: &Tensor) -> Result<Option<Tensor>> {
    let grad = get(tensor)?;
    set_to_none(tensor)?;
    Ok(grad)
}

//! What a gradient scaler does: gradients of a loss that was multiplied are divided again, and the factor follows what was
//! found in them.
//!
//! All factors are 0-d tensors on the gradients' device, so that nothing waits for it. Nothing is recorded by autograd.
#![allow(unsafe_code)]

use tch::Tensor;

use crate::Result;
use crate::ffi::{self, check, pointers};

/// Multiplies every gradient by `inverse_scale`, in place, and sets `found_inf` to 1 if one has an element that is infinite or
/// NaN (`torch._amp_foreach_non_finite_check_and_unscale_`). The gradients are of one device and dtype; both factors are
/// float32.
///
/// # Errors
/// libtorch's, for instance for gradients on different devices.
///
/// ```
/// use tch::Tensor;
///
/// let grads = [Tensor::from_slice(&[4f32, f32::INFINITY])];
/// let found_inf = Tensor::from(0f32);
/// trainer_torch::amp::unscale_(&grads, &found_inf, &Tensor::from(0.5f32))?;
/// assert_eq!(grads[0].f_double_value(&[0])?, 2.0);
/// assert_eq!(found_inf.f_double_value(&[])?, 1.0);
/// # Ok::<(), trainer_torch::Error>(())
/// ```
pub fn unscale_(grads: &[Tensor], found_inf: &Tensor, inverse_scale: &Tensor) -> Result<()> {
    let list = pointers(grads);
    // SAFETY: the pointers are of live tensors, `list.len()` of them.
    check("_amp_foreach_non_finite_check_and_unscale_", unsafe {
        ffi::trainer_torch_amp_unscale_(
            list.as_ptr(),
            list.len(),
            found_inf.as_ptr(),
            inverse_scale.as_ptr(),
        )
    })
}

/// How a scale follows what is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleNumbers {
    /// What the scale is multiplied by after `growth_interval` steps in a row that found nothing.
    pub growth_factor: f64,
    /// What it is multiplied by after a step that found something.
    pub backoff_factor: f64,
    /// Steps in a row.
    pub growth_interval: i64,
}

/// Changes `scale`, float32, and the count of steps in a row, `growth_tracker`, int32, in place, as `found_inf` says
/// (`torch._amp_update_scale_`).
///
/// # Errors
/// libtorch's, for instance for tensors on different devices.
pub fn update_scale_(
    scale: &Tensor,
    growth_tracker: &Tensor,
    found_inf: &Tensor,
    numbers: ScaleNumbers,
) -> Result<()> {
    // SAFETY: the pointers are of live tensors.
    check("_amp_update_scale_", unsafe {
        ffi::trainer_torch_amp_update_scale_(
            scale.as_ptr(),
            growth_tracker.as_ptr(),
            found_inf.as_ptr(),
            numbers.growth_factor,
            numbers.backoff_factor,
            numbers.growth_interval,
        )
    })
}

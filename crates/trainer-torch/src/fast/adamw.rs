#![allow(unsafe_code)]

use tch::Tensor;

use super::in_host_memory;
use crate::Result;
use crate::ffi::{self, check, pointers};
use crate::fused::{self, AdamNumbers, AdamTensors, Scaling};

/// One step of AdamW ([Loshchilov and Hutter 2019](https://arxiv.org/abs/1711.05101)) over all weights in one pass:
/// [`fused::adamw_`] to rounding, which makes the step itself where a tensor is not float32 in host memory.
///
/// Where gradient and moments are zero, the moments are not written to, and without weight decay the weights are not either, which leaves
/// them as the step would: an embedding's rows that never occurred take no time, and their moments no memory where they are
/// [`zeros_like`](super::zeros_like).
///
/// # Errors
/// As [`fused::adamw_`].
pub fn adamw_(tensors: AdamTensors<'_>, numbers: AdamNumbers) -> Result<()> {
    if numbers.amsgrad || numbers.maximize || !tensors.params.iter().all(in_host_memory) {
        return fused::adamw_(tensors, numbers, Scaling::default());
    }
    let lists = fused::adam_lists("fast::adamw_", tensors, false)?;
    // SAFETY: all lists hold `count` live tensors.
    check("fast::adamw_", unsafe {
        ffi::trainer_torch_fast_adamw_(
            lists.params.as_ptr(),
            lists.grads.as_ptr(),
            lists.exp_avgs.as_ptr(),
            lists.exp_avg_sqs.as_ptr(),
            lists.steps.as_ptr(),
            lists.params.len(),
            numbers.lr,
            numbers.beta1,
            numbers.beta2,
            numbers.weight_decay,
            numbers.eps,
        )
    })
}

/// Multiplies tensors by a factor that is finite and not negative, in place. Elements that are zero are not written to: the bits are those of a plain
/// multiplication.
///
/// # Errors
/// When `factor` is negative or not finite, or a tensor is not float32 in host memory without gaps.
///
/// ```
/// use tch::Tensor;
///
/// let gradient = Tensor::from_slice(&[2.0f32, 0.0, -4.0]);
/// trainer_torch::fast::scale_(&[gradient.shallow_clone()], 0.5)?;
/// assert_eq!(Vec::<f32>::try_from(gradient)?, [1.0, 0.0, -2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scale_(tensors: &[Tensor], factor: f32) -> Result<()> {
    let list = pointers(tensors);
    // SAFETY: the list holds live tensors.
    check("fast::scale_", unsafe {
        ffi::trainer_torch_scale_(list.as_ptr(), list.len(), factor)
    })
}

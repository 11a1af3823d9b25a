//! Optimizer steps as one kernel over all tensors, libtorch's own: the digits of PyTorch's `fused=True`.
//!
//! Each function changes the weights and the state in place and is not recorded by autograd. All lists have the same
//! length and order; all tensors of a call share device and dtype, except `steps`, which are 0-d float32 tensors on that
//! device, already advanced to the step that is being made (the first is 1). Gradients and states have the shapes and
//! strides of their weights, which are dense.
#![allow(unsafe_code)]

use tch::Tensor;
use torch_sys::C_tensor;

use crate::ffi::{self, check, optional, pointers};
use crate::{Error, Result};

/// What all tensors of a step have in common for automatic mixed precision; empty otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scaling<'a> {
    /// Gradients are divided by this 0-d tensor.
    pub grad_scale: Option<&'a Tensor>,
    /// The step is skipped where this 0-d tensor is 1.
    pub found_inf: Option<&'a Tensor>,
}

/// The tensors of an Adam step. See the [module](self) for shapes.
#[derive(Clone, Copy, Debug)]
pub struct AdamTensors<'a> {
    /// Weights, changed in place.
    pub params: &'a [Tensor],
    /// Their gradients.
    pub grads: &'a [Tensor],
    /// First moments, changed in place.
    pub exp_avgs: &'a [Tensor],
    /// Second moments, changed in place.
    pub exp_avg_sqs: &'a [Tensor],
    /// Largest second moments, for `amsgrad`; empty otherwise.
    pub max_exp_avg_sqs: &'a [Tensor],
    /// Numbers of the step.
    pub steps: &'a [Tensor],
}

/// The numbers of an Adam step, in double precision.
#[derive(Clone, Copy, Debug)]
pub struct AdamNumbers {
    /// Learning rate.
    pub lr: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// Whether the largest second moment so far is used.
    pub amsgrad: bool,
    /// Whether to climb instead of descend.
    pub maximize: bool,
}

/// One step of AdamW, whose weight decay shrinks the weights (`torch._fused_adamw_`).
///
/// # Errors
/// When lists differ in length, a tensor does not lie in memory as its weight does, or libtorch has no fused kernel for the device or dtype.
pub fn adamw_(tensors: AdamTensors<'_>, numbers: AdamNumbers, scaling: Scaling<'_>) -> Result<()> {
    adam_step("_fused_adamw_", true, tensors, numbers, scaling)
}

/// One step of Adam, whose weight decay is added to the gradient (`torch._fused_adam_`).
///
/// # Errors
/// As [`adamw_`].
pub fn adam_(tensors: AdamTensors<'_>, numbers: AdamNumbers, scaling: Scaling<'_>) -> Result<()> {
    adam_step("_fused_adam_", false, tensors, numbers, scaling)
}

fn adam_step(
    function: &'static str,
    decoupled: bool,
    tensors: AdamTensors<'_>,
    numbers: AdamNumbers,
    scaling: Scaling<'_>,
) -> Result<()> {
    let lists = adam_lists(function, tensors, numbers.amsgrad)?;
    // SAFETY: all lists hold as many live tensors, `max_exp_avg_sqs` perhaps none.
    check(function, unsafe {
        ffi::trainer_torch_fused_adam_(
            decoupled,
            lists.params.as_ptr(),
            lists.grads.as_ptr(),
            lists.exp_avgs.as_ptr(),
            lists.exp_avg_sqs.as_ptr(),
            lists.max_exp_avg_sqs.as_ptr(),
            lists.steps.as_ptr(),
            lists.params.len(),
            lists.max_exp_avg_sqs.len(),
            numbers.lr,
            numbers.beta1,
            numbers.beta2,
            numbers.weight_decay,
            numbers.eps,
            numbers.amsgrad,
            numbers.maximize,
            optional(scaling.grad_scale),
            optional(scaling.found_inf),
        )
    })
}

/// The tensors of an Adam step as the shim takes them.
pub(crate) struct AdamLists {
    pub(crate) params: Vec<*const C_tensor>,
    pub(crate) grads: Vec<*const C_tensor>,
    pub(crate) exp_avgs: Vec<*const C_tensor>,
    pub(crate) exp_avg_sqs: Vec<*const C_tensor>,
    pub(crate) max_exp_avg_sqs: Vec<*const C_tensor>,
    pub(crate) steps: Vec<*const C_tensor>,
}

pub(crate) fn adam_lists(
    function: &'static str,
    tensors: AdamTensors<'_>,
    amsgrad: bool,
) -> Result<AdamLists> {
    let count = tensors.params.len();
    let max_count = if amsgrad { count } else { 0 };
    Ok(AdamLists {
        params: pointers(tensors.params),
        grads: list(function, "grads", tensors.grads, count)?,
        exp_avgs: list(function, "exp_avgs", tensors.exp_avgs, count)?,
        exp_avg_sqs: list(function, "exp_avg_sqs", tensors.exp_avg_sqs, count)?,
        max_exp_avg_sqs: list(
            function,
            "max_exp_avg_sqs",
            tensors.max_exp_avg_sqs,
            max_count,
        )?,
        steps: list(function, "steps", tensors.steps, count)?,
    })
}

/// The numbers of a step of stochastic gradient descent, in double precision.
#[derive(Clone, Copy, Debug)]
pub struct SgdNumbers {
    /// Learning rate.
    pub lr: f64,
    /// Momentum; 0 for none.
    pub momentum: f64,
    /// Dampening of the momentum.
    pub dampening: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
    /// Whether to climb instead of descend.
    pub maximize: bool,
    /// Whether momentum buffers hold nothing yet.
    pub is_first_step: bool,
}

/// One step of stochastic gradient descent (`torch._fused_sgd_`). `momentum_buffers` is empty without momentum.
///
/// # Errors
/// When lists differ in length, a tensor does not lie in memory as its weight does, or libtorch has no fused kernel for the device or dtype.
pub fn sgd_(
    params: &[Tensor],
    grads: &[Tensor],
    momentum_buffers: &[Tensor],
    numbers: SgdNumbers,
    scaling: Scaling<'_>,
) -> Result<()> {
    const FUNCTION: &str = "_fused_sgd_";
    let count = params.len();
    let buffer_count = if numbers.momentum == 0.0 { 0 } else { count };
    let grads = list(FUNCTION, "grads", grads, count)?;
    let buffers = list(FUNCTION, "momentum_buffers", momentum_buffers, buffer_count)?;
    let params = pointers(params);
    // SAFETY: the lists hold `count` live tensors, `buffers` `buffer_count`.
    check(FUNCTION, unsafe {
        ffi::trainer_torch_fused_sgd_(
            params.as_ptr(),
            grads.as_ptr(),
            buffers.as_ptr(),
            count,
            buffer_count,
            numbers.weight_decay,
            numbers.momentum,
            numbers.lr,
            numbers.dampening,
            numbers.nesterov,
            numbers.maximize,
            numbers.is_first_step,
            optional(scaling.grad_scale),
            optional(scaling.found_inf),
        )
    })
}

/// The numbers of an Adagrad step, in double precision.
#[derive(Clone, Copy, Debug)]
pub struct AdagradNumbers {
    /// Learning rate.
    pub lr: f64,
    /// Decay of the learning rate.
    pub lr_decay: f64,
    /// Weight decay, added to the gradient.
    pub weight_decay: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// Whether to climb instead of descend.
    pub maximize: bool,
}

/// One step of Adagrad (`torch._fused_adagrad_`).
///
/// # Errors
/// When lists differ in length, a tensor does not lie in memory as its weight does, or libtorch has no fused kernel for the device or dtype.
pub fn adagrad_(
    params: &[Tensor],
    grads: &[Tensor],
    sums: &[Tensor],
    steps: &[Tensor],
    numbers: AdagradNumbers,
    scaling: Scaling<'_>,
) -> Result<()> {
    const FUNCTION: &str = "_fused_adagrad_";
    let count = params.len();
    let grads = list(FUNCTION, "grads", grads, count)?;
    let sums = list(FUNCTION, "sums", sums, count)?;
    let steps = list(FUNCTION, "steps", steps, count)?;
    let params = pointers(params);
    // SAFETY: the lists hold `count` live tensors.
    check(FUNCTION, unsafe {
        ffi::trainer_torch_fused_adagrad_(
            params.as_ptr(),
            grads.as_ptr(),
            sums.as_ptr(),
            steps.as_ptr(),
            count,
            numbers.lr,
            numbers.lr_decay,
            numbers.weight_decay,
            numbers.eps,
            numbers.maximize,
            optional(scaling.grad_scale),
            optional(scaling.found_inf),
        )
    })
}

fn list(
    function: &'static str,
    name: &'static str,
    tensors: &[Tensor],
    expected: usize,
) -> Result<Vec<*const C_tensor>> {
    if tensors.len() != expected {
        return Err(Error::Length {
            function,
            name,
            found: tensors.len(),
            expected,
        });
    }
    Ok(pointers(tensors))
}

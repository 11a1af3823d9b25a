//! Activation checkpointing: what lies between a function's input and output is computed again in the backward pass instead of being
//! kept, `torch.utils.checkpoint` ([Chen et al. 2016](https://arxiv.org/abs/1604.06174)).
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tch::Tensor;
use torch_sys::C_tensor;

use crate::Result;
use crate::ffi::{self, owned_tensor, pointers};

/// Computes `function` of `inputs`, of which one at least requires a gradient, and again in the backward pass: the second time with
/// gradients, with the generators' states and the [`autocast`](crate::autocast::autocast) of the first. So the results are the same to
/// the bit, dropout too, while only the inputs are kept in between.
///
/// Weights that `function` holds get their gradients. Other tensors that require one belong among the inputs.
///
/// ```
/// use tch::{Kind, Tensor};
/// use trainer_torch::checkpoint::checkpoint;
///
/// let weight = Tensor::from(3.0f32).set_requires_grad(true);
/// let input = Tensor::from(2.0f32).set_requires_grad(true);
/// let held = weight.shallow_clone();
/// let output = checkpoint(&[&input], move |inputs| Ok::<_, tch::TchError>((&inputs[0] * &held).square()))?;
/// output.backward();
/// assert_eq!(f32::try_from(weight.grad())?, 24.0);
/// assert_eq!(f32::try_from(input.grad())?, 36.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What `function` gives; in the backward pass too, whose error has its words. A panic in it is an error.
pub fn checkpoint<E: std::fmt::Display>(
    inputs: &[&Tensor],
    function: impl Fn(&[Tensor]) -> Result<Tensor, E> + 'static,
) -> Result<Tensor> {
    let count = inputs.len();
    let function: Box<Function> =
        Box::new(move |inputs: &[Tensor]| function(inputs).map_err(|error| error.to_string()));
    let context = Context { count, function };
    let inputs: Vec<Tensor> = inputs.iter().map(|input| input.shallow_clone()).collect();
    let list = pointers(&inputs);
    // SAFETY: the list holds live tensors; the shim takes the function and calls `release` once; what comes back is owned.
    unsafe {
        owned_tensor("checkpoint", |output| {
            ffi::trainer_torch_checkpoint(
                list.as_ptr(),
                list.len(),
                Box::into_raw(Box::new(context)).cast(),
                call_function,
                release,
                output,
            )
        })
    }
}

type Function = dyn Fn(&[Tensor]) -> Result<Tensor, String>;

struct Context {
    count: usize,
    function: Box<Function>,
}

/// Writes an owned tensor, or gives a message that the C library frees.
unsafe extern "C" fn call_function(
    context: *const c_void,
    inputs: ffi::Pointers,
    output: *mut *mut C_tensor,
) -> *mut c_char {
    // SAFETY: the shim gives back what `checkpoint` gave it, and as many live tensors; only one thread at a time calls, as the one
    // that asked for the backward pass waits for it.
    let (context, inputs) = unsafe {
        let context = &*context.cast::<Context>();
        let inputs: Vec<Tensor> = (0..context.count)
            .map(|index| Tensor::clone_from_ptr((*inputs.add(index)).cast_mut()))
            .collect();
        (context, inputs)
    };
    let result = catch_unwind(AssertUnwindSafe(|| (context.function)(&inputs)));
    let message = match result {
        Ok(Ok(mut tensor)) => {
            // SAFETY: the shim owns it from here on.
            unsafe { *output = tensor.as_mut_ptr() };
            std::mem::forget(tensor);
            return std::ptr::null_mut();
        }
        Ok(Err(message)) => message,
        Err(_) => "the function panicked".to_owned(),
    };
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // SAFETY: copies a text with its end.
    unsafe { libc::strdup(message.as_ptr()) }
}

unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: the shim calls it once, with what `checkpoint` gave it.
    drop(unsafe { Box::from_raw(context.cast::<Context>()) });
}

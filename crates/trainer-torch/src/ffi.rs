//! The shim's functions, and the two conversions that every call needs.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};

use tch::Tensor;
use torch_sys::C_tensor;

use crate::{Error, Result};

/// An owned message, or null for success.
pub(crate) type Message = *mut c_char;
/// A list of tensors that is read, or whose elements are changed in place.
pub(crate) type Pointers = *const *const C_tensor;

/// What autocast was set to, as `csrc/autocast.cpp` lays it out.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AutocastState {
    enabled: bool,
    cache_enabled: bool,
    dtype: i8,
}

unsafe extern "C" {
    pub(crate) fn trainer_torch_free(text: Message);

    pub(crate) fn trainer_torch_amp_unscale_(
        grads: Pointers,
        count: usize,
        found_inf: *const C_tensor,
        inverse_scale: *const C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_amp_update_scale_(
        scale: *const C_tensor,
        growth_tracker: *const C_tensor,
        found_inf: *const C_tensor,
        growth_factor: f64,
        backoff_factor: f64,
        growth_interval: i64,
    ) -> Message;

    pub(crate) fn trainer_torch_autocast_enter(
        cuda: bool,
        half: bool,
        before: *mut AutocastState,
    ) -> Message;
    pub(crate) fn trainer_torch_autocast_exit(cuda: bool, before: *const AutocastState) -> Message;
    pub(crate) fn trainer_torch_autocast_is_enabled(cuda: bool) -> bool;

    pub(crate) fn trainer_torch_manual_seed(seed: u64) -> Message;
    pub(crate) fn trainer_torch_initial_seed(seed: *mut u64) -> Message;
    pub(crate) fn trainer_torch_rng_get_state(device: c_int, state: *mut *mut C_tensor) -> Message;
    pub(crate) fn trainer_torch_rng_set_state(
        device: c_int,
        bytes: *const u8,
        count: usize,
    ) -> Message;

    pub(crate) fn trainer_torch_grad_is_defined(
        tensor: *const C_tensor,
        defined: *mut bool,
    ) -> Message;
    pub(crate) fn trainer_torch_grad_get(
        tensor: *const C_tensor,
        grad: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_grad_set(tensor: *const C_tensor, grad: *const C_tensor)
    -> Message;

    pub(crate) fn trainer_torch_fused_adam_(
        decoupled: bool,
        params: Pointers,
        grads: Pointers,
        exp_avgs: Pointers,
        exp_avg_sqs: Pointers,
        max_exp_avg_sqs: Pointers,
        steps: Pointers,
        count: usize,
        max_count: usize,
        lr: f64,
        beta1: f64,
        beta2: f64,
        weight_decay: f64,
        eps: f64,
        amsgrad: bool,
        maximize: bool,
        grad_scale: *const C_tensor,
        found_inf: *const C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_fused_sgd_(
        params: Pointers,
        grads: Pointers,
        momentum_buffers: Pointers,
        count: usize,
        buffer_count: usize,
        weight_decay: f64,
        momentum: f64,
        lr: f64,
        dampening: f64,
        nesterov: bool,
        maximize: bool,
        is_first_step: bool,
        grad_scale: *const C_tensor,
        found_inf: *const C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_fused_adagrad_(
        params: Pointers,
        grads: Pointers,
        sums: Pointers,
        steps: Pointers,
        count: usize,
        lr: f64,
        lr_decay: f64,
        weight_decay: f64,
        eps: f64,
        maximize: bool,
        grad_scale: *const C_tensor,
        found_inf: *const C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_add(
        left: *const C_tensor,
        right: *const C_tensor,
        alpha: f64,
        sum: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_add_(
        tensor: *const C_tensor,
        other: *const C_tensor,
        alpha: f64,
    ) -> Message;
    pub(crate) fn trainer_torch_addcmul_(
        tensor: *const C_tensor,
        left: *const C_tensor,
        right: *const C_tensor,
        value: f64,
    ) -> Message;
    pub(crate) fn trainer_torch_addcdiv_(
        tensor: *const C_tensor,
        left: *const C_tensor,
        right: *const C_tensor,
        value: f64,
    ) -> Message;

    pub(crate) fn trainer_torch_foreach_add_scalar_(
        list: Pointers,
        count: usize,
        value: f64,
    ) -> Message;
    pub(crate) fn trainer_torch_foreach_mul_tensor_(
        list: Pointers,
        count: usize,
        factor: *const C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_foreach_norm(
        list: Pointers,
        count: usize,
        order: f64,
        norms: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_vector_norm(
        tensor: *const C_tensor,
        order: f64,
        norm: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_linear(
        input: *const C_tensor,
        weights: Pointers,
        biases: Pointers,
        count: usize,
        gelu: bool,
        output: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_checkpoint(
        inputs: Pointers,
        count: usize,
        function: *mut c_void,
        call: unsafe extern "C" fn(*const c_void, Pointers, *mut *mut C_tensor) -> *mut c_char,
        release: unsafe extern "C" fn(*mut c_void),
        output: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_embedding_sum(
        tables: Pointers,
        ids: Pointers,
        paddings: *const i64,
        count: usize,
        output: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_write_bytes(
        tensor: *const C_tensor,
        writable: *mut bool,
    ) -> Message;

    pub(crate) fn trainer_torch_written_rows(
        tensor: *const C_tensor,
        rows: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_fast_adamw_(
        params: Pointers,
        grads: Pointers,
        exp_avgs: Pointers,
        exp_avg_sqs: Pointers,
        steps: Pointers,
        count: usize,
        lr: f64,
        beta1: f64,
        beta2: f64,
        weight_decay: f64,
        eps: f64,
    ) -> Message;

    pub(crate) fn trainer_torch_scale_(tensors: Pointers, count: usize, factor: f32) -> Message;
    pub(crate) fn trainer_torch_zero_pages(
        sizes: *const i64,
        dimensions: usize,
        output: *mut *mut C_tensor,
    ) -> Message;

    pub(crate) fn trainer_torch_residual_norm(
        input: *const C_tensor,
        residual: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        eps: f64,
        key: u64,
        threshold: u32,
        scale: f32,
        output: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_dropout(
        input: *const C_tensor,
        key: u64,
        threshold: u32,
        scale: f32,
        output: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_attention(
        queries: *const C_tensor,
        states: *const C_tensor,
        lengths: *const i64,
        keys: *const i64,
        count: usize,
        heads: i64,
        scaling: f64,
        key: u64,
        threshold: u32,
        scale: f32,
        output: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_varlen_attention(
        query: *const C_tensor,
        key: *const C_tensor,
        value: *const C_tensor,
        cu_seqlens_q: *const C_tensor,
        cu_seqlens_k: *const C_tensor,
        max_q: i64,
        max_k: i64,
        dropout: f64,
        scaling: f64,
        flash: bool,
        attended: *mut *mut C_tensor,
    ) -> Message;
    pub(crate) fn trainer_torch_kernels(text: *mut Message) -> Message;
    pub(crate) fn trainer_torch_has_bfloat16_products() -> bool;

    pub(crate) fn trainer_torch_cuda_status(has_cuda: *mut bool, device_count: *mut i64)
    -> Message;
    pub(crate) fn trainer_torch_cuda_config(config: *mut Message) -> Message;
    pub(crate) fn trainer_torch_cuda_allow_tf32(allow: bool) -> Message;

    pub(crate) fn trainer_torch_version() -> *const c_char;
    pub(crate) fn trainer_torch_cpu_capability(text: *mut Message) -> Message;
    pub(crate) fn trainer_torch_show_config(text: *mut Message) -> Message;
    pub(crate) fn trainer_torch_libraries(mkl: *mut bool, mkldnn: *mut bool) -> Message;
    pub(crate) fn trainer_torch_get_num_threads(threads: *mut c_int) -> Message;
    pub(crate) fn trainer_torch_set_num_threads(threads: c_int) -> Message;
}

/// Turns what a call of the shim gave back into a result.
pub(crate) fn check(function: &'static str, message: Message) -> Result<()> {
    if message.is_null() {
        return Ok(());
    }
    Err(Error::Libtorch {
        function,
        message: owned_text(message),
    })
}

/// The tensor that a call of the shim writes.
///
/// # Safety
/// `call` is given a place and either fails or writes the pointer of an owned tensor there.
pub(crate) unsafe fn owned_tensor(
    function: &'static str,
    call: impl FnOnce(*mut *mut C_tensor) -> Message,
) -> Result<Tensor> {
    let mut tensor = std::ptr::null_mut();
    check(function, call(&raw mut tensor))?;
    // SAFETY: the call has not failed, so that an owned tensor is there.
    Ok(unsafe { Tensor::from_ptr(tensor) })
}

/// Copies a text of the shim and releases it.
pub(crate) fn owned_text(text: Message) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the shim gives null-terminated text from `strdup`, once, and `trainer_torch_free` releases it.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        trainer_torch_free(text);
        copy
    }
}

/// The pointers of a list of tensors; they live as long as the tensors.
pub(crate) fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

/// The pointer of a tensor, or null.
pub(crate) fn optional(tensor: Option<&Tensor>) -> *const C_tensor {
    tensor.map_or(std::ptr::null(), Tensor::as_ptr)
}

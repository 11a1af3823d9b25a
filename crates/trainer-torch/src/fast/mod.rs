//! The work of a Transformer's layers as a few operations on the CPU, each with a backward of its own: the results of the plain
//! operations to rounding, in less time and memory.
//!
//! They take float32 in host memory, and are recorded by autograd as any operation. Their inner loops are written once and
//! compiled for AVX-512, AVX2 and any other processor; which of them runs, [`kernels`] says. Inside [`autocast`] in bfloat16 linear
//! layers round what they multiply, where [`has_bfloat16_products`]; sums, and all else, stay float32. With AMX, products of
//! 32 columns or more take a number of float32 as three of bfloat16 that add up to it, and are right to float32's rounding too; but where
//! float32 would overflow, or come within 1% of that, they may give NaN or infinity, and numbers and products below 2⁻¹⁰² have fewer bits.
//! Work is divided by what is written, never within a sum: the bits do not depend on the number of threads.

mod adamw;
mod attention;
mod dropout;
mod embedding;
mod linear;
mod residual_norm;

pub use adamw::{adamw_, scale_};
pub use attention::{Heads, Rows, attention};
pub use dropout::{Dropout, dropout};
pub use embedding::{Table, embedding_sum, written_rows, zeros_like};
pub use linear::{linear, linear_gelu};
pub use residual_norm::residual_norm;

use tch::{Device, Kind, Tensor};

use crate::ffi::{self, owned_text};
use crate::{Result, autocast};

/// The kind of processor that the inner loops run for: `avx512`, `avx2` or `plain`, then, where it has products in bfloat16 that gain
/// by it, `amx` or `avx512_bf16`, such as `avx512, amx`; with `amx` those in float32 use it as well. `ATEN_CPU_CAPABILITY` chooses it
/// for these operations as for libtorch's own. Where `ONEDNN_MAX_CPU_ISA` is set, the last two need `DEFAULT`, a value with `AMX` in it, or
/// for the second `AVX512_CORE_BF16`.
///
/// # Errors
/// None in practice.
#[expect(unsafe_code, reason = "a call of the shim")]
pub fn kernels() -> Result<String> {
    let mut text = std::ptr::null_mut();
    // SAFETY: the shim writes one owned text.
    ffi::check("kernels", unsafe {
        ffi::trainer_torch_kernels(&raw mut text)
    })?;
    Ok(owned_text(text))
}

/// Whether these operations are the ones to compute with for a tensor: it is float32 in host memory. On Arm, inside [`autocast`],
/// it is not: libtorch's operations have products in bfloat16 there, these have none. Autocast in float16 is none to them.
#[must_use]
pub fn takes(tensor: &Tensor) -> bool {
    in_host_memory(tensor) && !(leaves_bfloat16() && autocast::is_enabled(Device::Cpu))
}

/// Whether products in bfloat16 are left to libtorch's operations, as on Arm.
#[must_use]
pub fn leaves_bfloat16() -> bool {
    cfg!(not(target_arch = "x86_64"))
}

/// Whether a tensor is float32 in host memory.
fn in_host_memory(tensor: &Tensor) -> bool {
    tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && !tensor.is_sparse()
}

/// Whether linear layers inside [`autocast`] multiply numbers that are rounded to bfloat16, because the processor gains by it. On one
/// that would not, they multiply them in float32, which is exacter too.
#[must_use]
#[expect(unsafe_code, reason = "a call of the shim")]
pub fn has_bfloat16_products() -> bool {
    // SAFETY: it takes nothing, and throws nothing.
    unsafe { ffi::trainer_torch_has_bfloat16_products() }
}

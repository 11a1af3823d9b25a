//! The work of a Transformer's layers as a few operations on the CPU, each with a backward of its own: the results of the plain
//! operations to rounding, in less time and memory.
//!
//! They take float32 in host memory, and are recorded by autograd as any operation. Their inner loops are written once and
//! compiled for AVX-512, AVX2 and any other processor; which of them runs, [`kernels`] says. Work is divided by what is written,
//! never within a sum: the bits do not depend on the number of threads.

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

/// The kind of processor that the inner loops run for: `avx512`, `avx2` or `plain`. `ATEN_CPU_CAPABILITY` chooses it for
/// these operations as for libtorch's own.
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

/// Whether these operations are the ones to compute with for a tensor: it is float32 in host memory, and
/// [`autocast`] does not ask for products in bfloat16 that the processor has. One that has none would only
/// imitate them, slower than float32 and less exact.
#[must_use]
pub fn takes(tensor: &Tensor) -> bool {
    in_host_memory(tensor) && !(autocast::is_enabled(Device::Cpu) && has_bfloat16_products())
}

/// Whether a tensor is float32 in host memory.
fn in_host_memory(tensor: &Tensor) -> bool {
    tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && !tensor.is_sparse()
}

/// Whether the processor multiplies bfloat16 numbers by itself: on others such products are only imitated, slower than those in float32.
#[must_use]
pub fn has_bfloat16_products() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    true
}

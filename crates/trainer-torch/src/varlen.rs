//! Attention over rows of different lengths that lie one after another, on a GPU, by libtorch's own kernels: FlashAttention 2
//! ([Dao 2023](https://arxiv.org/abs/2307.08691)) in 16 bits, the memory-efficient one
//! ([Rabe & Staats 2021](https://arxiv.org/abs/2112.05682)) in float32. Neither needs padding nor a mask.
#![allow(unsafe_code)]

use std::sync::OnceLock;

use tch::{Device, Kind, Tensor};

use crate::ffi::{self, owned_tensor};
use crate::{Result, cuda};

/// Where rows begin and end among tokens that lie one after another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The first token of each row, and behind them the number of tokens: int32, `[rows + 1]`, on the tokens' device.
    pub cu_seqlens: &'a Tensor,
    /// The tokens of the longest row.
    pub max_seqlen: i64,
}

/// Whether [`attention`] takes queries, keys and values of this kind, `[tokens, heads, head width]`: on a GPU, of at most 256 columns a
/// head, a multiple of 8; in float32, float16, or, where the GPU computes it, bfloat16.
#[must_use]
pub fn takes(states: &Tensor) -> bool {
    let (Device::Cuda(device), Some(&width)) = (states.device(), states.size().last()) else {
        return false;
    };
    let kind = match states.kind() {
        Kind::Float | Kind::Half => true,
        Kind::BFloat16 => is_ampere(device),
        _ => false,
    };
    kind && width % 8 == 0 && width <= 256
}

/// `softmax(q kᵀ scaling) v` of each row and head, where queries look at the keys of their row: `[tokens, heads, head width]` of queries, and
/// of keys and values, to the former. Weights are dropped with probability `dropout`, by the GPU's generator. Autograd goes through.
///
/// # Errors
/// libtorch's: where [`takes`] is false, and for shapes that do not fit each other.
pub fn attention(
    [query, key, value]: [&Tensor; 3],
    [of_queries, of_keys]: [Rows<'_>; 2],
    scaling: f64,
    dropout: f64,
) -> Result<Tensor> {
    let flash = match (query.kind(), query.device()) {
        (Kind::Half | Kind::BFloat16, Device::Cuda(device)) => is_ampere(device),
        _ => false,
    };
    // SAFETY: the pointers are of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("varlen attention", |attended| {
            ffi::trainer_torch_varlen_attention(
                query.as_ptr(),
                key.as_ptr(),
                value.as_ptr(),
                of_queries.cu_seqlens.as_ptr(),
                of_keys.cu_seqlens.as_ptr(),
                of_queries.max_seqlen,
                of_keys.max_seqlen,
                dropout,
                scaling,
                flash,
                attended,
            )
        })
    }
}

/// Whether a GPU is of compute capability 8.0 or more, as FlashAttention 2 and products of bfloat16 ask.
fn is_ampere(device: usize) -> bool {
    static AMPERE: OnceLock<Vec<bool>> = OnceLock::new();
    let all = AMPERE.get_or_init(|| {
        let devices = cuda::devices().unwrap_or_default();
        let is_ampere = |device: &cuda::DeviceInfo| device.capability >= (8, 0);
        devices.iter().map(is_ampere).collect()
    });
    all.get(device).copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_memory_is_not_taken() {
        let states = Tensor::zeros([3, 2, 8], (Kind::Float, Device::Cpu));
        assert!(!takes(&states));
        let ends = Tensor::from_slice(&[0_i32, 3]);
        let rows = Rows {
            cu_seqlens: &ends,
            max_seqlen: 3,
        };
        assert!(attention([&states; 3], [rows; 2], 1.0, 0.0).is_err());
    }
}

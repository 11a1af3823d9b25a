#![allow(unsafe_code)]

use tch::Tensor;

use super::Dropout;
use crate::Result;
use crate::ffi::{self, optional, owned_tensor};

/// How many heads there are, and the factor of their scores.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Heads side by side.
    pub number: i64,
    /// What a query times a key is multiplied by, usually the inverse square root of a head's width.
    pub scaling: f64,
}

/// Attention of several heads over the tokens of each row, without padding: `dropout(softmax(q kᵀ scaling)) v`
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)), a block of queries at a time and without keeping the weights
/// ([Dao et al. 2022](https://arxiv.org/abs/2205.14135)).
///
/// `states` is `[tokens, 3 width]`, the queries, keys and values of all heads side by side, row after row of `lengths` tokens. Gives
/// `[tokens, width]`. With `first_queries`, `[rows, width]`, only the first token of every row asks: `states` is
/// `[tokens, 2 width]` then, keys and values, and the result `[rows, width]`.
///
/// # Errors
/// When shapes do not fit each other, a row is empty, or `states` is not float32 in host memory.
pub fn attention(
    first_queries: Option<&Tensor>,
    states: &Tensor,
    lengths: &[i64],
    Heads { number, scaling }: Heads,
    dropout: Dropout,
) -> Result<Tensor> {
    // SAFETY: `lengths` holds as many numbers as are said, the pointers are of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("attention", |output| {
            ffi::trainer_torch_attention(
                optional(first_queries),
                states.as_ptr(),
                lengths.as_ptr(),
                lengths.len(),
                number,
                scaling,
                dropout.key,
                dropout.threshold,
                dropout.scale,
                output,
            )
        })
    }
}

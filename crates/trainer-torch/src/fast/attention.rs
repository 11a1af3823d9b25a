#![allow(unsafe_code)]

use tch::Tensor;

use super::Dropout;
use crate::ffi::{self, optional, owned_tensor};
use crate::{Error, Result};

/// How many heads there are, and the factor of their scores.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Heads side by side.
    pub number: i64,
    /// What a query times a key is multiplied by, usually the inverse square root of a head's width.
    pub scaling: f64,
}

/// Which tokens belong together, and which of them are looked at.
///
/// From lengths alone, as `&[3, 1]`, it is rows whose tokens all see each other.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// How many tokens each row has.
    pub lengths: &'a [i64],
    /// How many of them, its first, are looked at: at least 1. The others, as padding, look and are not seen.
    pub keys: &'a [i64],
}

impl<'a> From<&'a [i64]> for Rows<'a> {
    fn from(lengths: &'a [i64]) -> Self {
        let keys = lengths;
        Self { lengths, keys }
    }
}

impl<'a> From<&'a Vec<i64>> for Rows<'a> {
    fn from(lengths: &'a Vec<i64>) -> Self {
        lengths.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [i64; N]> for Rows<'a> {
    fn from(lengths: &'a [i64; N]) -> Self {
        lengths.as_slice().into()
    }
}

/// Attention of several heads over the tokens of each row: `dropout(softmax(q kᵀ scaling)) v`
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)), a block of queries at a time and without keeping the weights
/// ([Dao et al. 2022](https://arxiv.org/abs/2205.14135)).
///
/// `states` is `[tokens, 3 width]`, the queries, keys and values of all heads side by side, row after row. Gives
/// `[tokens, width]`. With `first_queries`, `[rows, width]`, only the first token of every row asks: `states` is
/// `[tokens, 2 width]` then, keys and values, and the result `[rows, width]`.
///
/// # Errors
/// When shapes do not fit each other, a row is empty or has fewer tokens than keys, or `states` is not float32 in host memory.
pub fn attention<'a>(
    first_queries: Option<&Tensor>,
    states: &Tensor,
    rows: impl Into<Rows<'a>>,
    Heads { number, scaling }: Heads,
    dropout: Dropout,
) -> Result<Tensor> {
    let Rows { lengths, keys } = rows.into();
    if keys.len() != lengths.len() {
        return Err(Error::Length {
            function: "attention",
            name: "keys",
            found: keys.len(),
            expected: lengths.len(),
        });
    }
    // SAFETY: `lengths` and `keys` hold as many numbers as are said, the pointers are of live tensors; what comes back is owned.
    unsafe {
        owned_tensor("attention", |output| {
            ffi::trainer_torch_attention(
                optional(first_queries),
                states.as_ptr(),
                lengths.as_ptr(),
                keys.as_ptr(),
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

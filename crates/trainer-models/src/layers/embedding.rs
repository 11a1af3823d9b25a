use tch::Tensor;

use crate::Result;
use crate::construction::{Role, Scope};

/// `torch.nn.Embedding`; the row of padding gets no gradient.
#[derive(Debug)]
pub struct Embedding {
    weight: Tensor,
    padding: i64,
}

impl Embedding {
    /// A table of `entries` rows; the row `padding`, which if negative counts from the end, is drawn as zeros and gets no gradient.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(scope: &Scope<'_>, entries: i64, width: i64, padding: Option<i64>) -> Result<Self> {
        let padding = padding.map(|row| if row < 0 { row + entries } else { row });
        Ok(Self {
            weight: scope.weight("weight", &[entries, width], Role::Embedding { padding })?,
            padding: padding.unwrap_or(-1),
        })
    }

    /// A table of sines and cosines of the rows' numbers, as it is drawn.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn sinusoidal(scope: &Scope<'_>, entries: i64, width: i64) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[entries, width], Role::SinusoidalEmbedding)?,
            padding: -1,
        })
    }

    /// Integers `[…]` to `[…, width]`.
    ///
    /// # Errors
    /// libtorch's, such as for a number outside the table in host memory.
    pub fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        Ok(Tensor::f_embedding(
            &self.weight,
            ids,
            self.padding,
            false,
            false,
        )?)
    }
}

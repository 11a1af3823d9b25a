use tch::Tensor;

use crate::Result;
use crate::construction::{Role, Scope};

/// `torch.nn.Embedding`; the row of padding gets no gradient.
#[derive(Debug)]
pub(crate) struct Embedding {
    weight: Tensor,
    padding: i64,
}

impl Embedding {
    pub(crate) fn new(
        scope: &Scope<'_>,
        entries: i64,
        width: i64,
        padding: Option<i64>,
    ) -> Result<Self> {
        Ok(Self {
            weight: scope.weight("weight", &[entries, width], Role::Embedding { padding })?,
            padding: padding.unwrap_or(-1),
        })
    }

    /// Integers `[…]` to `[…, width]`.
    pub(crate) fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        Ok(Tensor::f_embedding(
            &self.weight,
            ids,
            self.padding,
            false,
            false,
        )?)
    }
}

use tch::Tensor;

use crate::construction::Scope;
use crate::layers::Linear;
use crate::{Pass, Result};

/// The first token's state through a linear layer and tanh.
#[derive(Debug)]
pub(super) struct Pooler {
    dense: Linear,
}

impl Pooler {
    /// Of states of this width; the linear layer's weights lie in `scope` itself.
    pub(super) fn new(scope: &Scope<'_>, width: i64) -> Result<Self> {
        Ok(Self {
            dense: Linear::new(scope, width, width)?,
        })
    }

    /// States of all tokens to `[rows, hidden]`.
    pub(super) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let first = pass.first_tokens(hidden)?;
        Ok(self.dense.forward(&first)?.f_tanh()?)
    }
}

use tch::Tensor;

use super::BertConfig;
use crate::Result;
use crate::construction::Scope;
use crate::layers::Linear;

/// The first token's state through a linear layer and tanh.
#[derive(Debug)]
pub(super) struct BertPooler {
    dense: Linear,
}

impl BertPooler {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), width, width)?,
        })
    }

    /// `[batch, length, hidden]` to `[batch, hidden]`.
    pub(super) fn forward(&self, hidden: &Tensor) -> Result<Tensor> {
        Ok(self.dense.forward(&hidden.f_select(1, 0)?)?.f_tanh()?)
    }
}

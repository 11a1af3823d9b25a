use tch::Tensor;

use super::BertConfig;
use crate::construction::Scope;
use crate::layers::Linear;
use crate::{Pass, Result};

/// The first token's state through a linear layer and tanh.
#[derive(Debug)]
pub(crate) struct BertPooler {
    dense: Linear,
}

impl BertPooler {
    pub(crate) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), width, width)?,
        })
    }

    /// States of all tokens to `[rows, hidden]`.
    pub(crate) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let first = pass.first_tokens(hidden)?;
        Ok(self.dense.forward(&first)?.f_tanh()?)
    }
}

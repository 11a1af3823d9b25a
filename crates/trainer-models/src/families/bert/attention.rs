use tch::Tensor;

use super::BertConfig;
use crate::construction::Scope;
use crate::layers::{Attend, Dropout, LayerNorm, Linear};
use crate::{Mode, Pass, Result};

/// Self-attention with its output projection and residual.
#[derive(Debug)]
pub(super) struct BertAttention {
    self_attention: BertSelfAttention,
    output: ResidualOutput,
}

impl BertAttention {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        Ok(Self {
            self_attention: BertSelfAttention::new(&(scope / "self"), config)?,
            output: ResidualOutput::new(&(scope / "output"), config.hidden_size, config)?,
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let attended = self.self_attention.forward(hidden, pass)?;
        self.output.forward(&attended, hidden, pass.mode)
    }
}

#[derive(Debug)]
struct BertSelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    attend: Attend,
}

impl BertSelfAttention {
    fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        let head_width = width / config.num_attention_heads;
        Ok(Self {
            query: Linear::new(&(scope / "query"), width, width)?,
            key: Linear::new(&(scope / "key"), width, width)?,
            value: Linear::new(&(scope / "value"), width, width)?,
            attend: Attend::new(head_width, config.attention_probs_dropout_prob),
        })
    }

    fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let query = self.query.forward(hidden)?;
        let key = self.key.forward(hidden)?;
        let value = self.value.forward(hidden)?;
        self.attend.forward(&query, &key, &value, pass)
    }
}

/// A projection, dropout, then the normalised sum with what went into the block: `BertSelfOutput` and `BertOutput`.
#[derive(Debug)]
pub(super) struct ResidualOutput {
    dense: Linear,
    layer_norm: LayerNorm,
    dropout: Dropout,
}

impl ResidualOutput {
    pub(super) fn new(scope: &Scope<'_>, inputs: i64, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), inputs, width)?,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
            dropout: Dropout::new(config.hidden_dropout_prob),
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, residual: &Tensor, mode: Mode) -> Result<Tensor> {
        let hidden = self.dropout.forward(&self.dense.forward(hidden)?, mode)?;
        self.layer_norm.forward(&hidden.f_add(residual)?)
    }
}

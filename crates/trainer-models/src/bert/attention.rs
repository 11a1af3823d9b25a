use tch::Tensor;

use super::BertConfig;
use crate::construction::Scope;
use crate::layers::{LayerNorm, Linear};
use crate::{Mode, Result};

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

    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        mask: Option<&Tensor>,
        mode: Mode,
    ) -> Result<Tensor> {
        let attended = self.self_attention.forward(hidden, mask, mode)?;
        self.output.forward(&attended, hidden, mode)
    }
}

#[derive(Debug)]
struct BertSelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    head_width: i64,
    scaling: f64,
    dropout: f64,
}

impl BertSelfAttention {
    fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        let head_width = width / config.num_attention_heads;
        Ok(Self {
            query: Linear::new(&(scope / "query"), width, width)?,
            key: Linear::new(&(scope / "key"), width, width)?,
            value: Linear::new(&(scope / "value"), width, width)?,
            head_width,
            scaling: (head_width as f64).powf(-0.5),
            dropout: config.attention_probs_dropout_prob,
        })
    }

    fn forward(&self, hidden: &Tensor, mask: Option<&Tensor>, mode: Mode) -> Result<Tensor> {
        let (batch, length, _) = hidden.size3()?;
        let heads = |projected: Tensor| -> Result<Tensor> {
            let split = projected.f_view([batch, length, -1, self.head_width])?;
            Ok(split.f_transpose(1, 2)?)
        };
        let query = heads(self.query.forward(hidden)?)?;
        let key = heads(self.key.forward(hidden)?)?;
        let value = heads(self.value.forward(hidden)?)?;
        let dropout = if mode.is_train() { self.dropout } else { 0.0 };
        let attended = Tensor::f_scaled_dot_product_attention(
            &query,
            &key,
            &value,
            mask,
            dropout,
            false,
            self.scaling,
            false,
        )?;
        let attended = attended.f_reshape([batch, -1, length, self.head_width])?;
        let joined = attended.f_transpose(1, 2)?.f_contiguous()?;
        Ok(joined.f_reshape([batch, length, -1])?.f_contiguous()?)
    }
}

/// A projection, dropout, then the normalised sum with what went into the block: `BertSelfOutput` and `BertOutput`.
#[derive(Debug)]
pub(super) struct ResidualOutput {
    dense: Linear,
    layer_norm: LayerNorm,
    dropout: f64,
}

impl ResidualOutput {
    pub(super) fn new(scope: &Scope<'_>, inputs: i64, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            dense: Linear::new(&(scope / "dense"), inputs, width)?,
            layer_norm: LayerNorm::new(&(scope / "LayerNorm"), width, config.layer_norm_eps)?,
            dropout: config.hidden_dropout_prob,
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, residual: &Tensor, mode: Mode) -> Result<Tensor> {
        let hidden = self
            .dense
            .forward(hidden)?
            .f_dropout(self.dropout, mode.is_train())?;
        self.layer_norm.forward(&hidden.f_add(residual)?)
    }
}

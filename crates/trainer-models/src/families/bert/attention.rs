use tch::Tensor;

use super::BertConfig;
use crate::construction::Scope;
use crate::layers::{ResidualNorm, SelfAttention};
use crate::{Pass, Result};

/// Self-attention with its output projection and residual.
#[derive(Debug)]
pub(super) struct BertAttention {
    self_attention: SelfAttention,
    output: ResidualNorm,
}

impl BertAttention {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let width = config.hidden_size;
        Ok(Self {
            self_attention: SelfAttention::new(
                &(scope / "self"),
                width,
                config.num_attention_heads,
                config.attention_probs_dropout_prob,
            )?,
            output: ResidualNorm::new(
                &(scope / "output"),
                [width, width],
                config.layer_norm_eps,
                config.hidden_dropout_prob,
            )?,
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let attended = self.self_attention.forward(hidden, pass)?;
        self.output.forward(&attended, hidden, pass)
    }

    /// What [`forward`](Self::forward) gives for the first token of every row: `[rows, hidden]`.
    pub(super) fn forward_first(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let first = pass.layout.first_tokens(hidden)?;
        let attended = self.self_attention.forward_first(hidden, &first, pass)?;
        self.output.forward(&attended, &first, pass)
    }
}

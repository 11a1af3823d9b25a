use tch::Tensor;

use super::BertConfig;
use super::attention::BertAttention;
use crate::construction::Scope;
use crate::layers::{ActivatedLinear, ResidualNorm};
use crate::{Pass, Result};

/// One encoder layer: attention, then the feed-forward block.
#[derive(Debug)]
pub(super) struct BertLayer {
    attention: BertAttention,
    intermediate: ActivatedLinear,
    output: ResidualNorm,
}

impl BertLayer {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        Ok(Self {
            attention: BertAttention::new(&(scope / "attention"), config)?,
            intermediate: ActivatedLinear::new(
                &(scope / "intermediate"),
                [width, inner],
                config.hidden_act,
            )?,
            output: ResidualNorm::new(
                &(scope / "output"),
                [inner, width],
                config.layer_norm_eps,
                config.hidden_dropout_prob,
            )?,
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        self.feed_forward(&self.attention.forward(hidden, pass)?, pass)
    }

    /// What [`forward`](Self::forward) gives for the first token of every row: `[rows, hidden]`.
    pub(super) fn forward_first(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        self.feed_forward(&self.attention.forward_first(hidden, pass)?, pass)
    }

    fn feed_forward(&self, attended: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let inner = self.intermediate.forward(attended, pass)?;
        self.output.forward(&inner, attended, pass)
    }
}

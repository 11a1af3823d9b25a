use tch::Tensor;

use super::BertConfig;
use super::attention::{BertAttention, ResidualOutput};
use crate::construction::Scope;
use crate::layers::{Activation, Linear};
use crate::{Pass, Result};

/// One encoder layer: attention, then the feed-forward block.
#[derive(Debug)]
pub(super) struct BertLayer {
    attention: BertAttention,
    intermediate: Linear,
    activation: Activation,
    output: ResidualOutput,
}

impl BertLayer {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        Ok(Self {
            attention: BertAttention::new(&(scope / "attention"), config)?,
            intermediate: Linear::new(&(scope / "intermediate" / "dense"), width, inner)?,
            activation: config.hidden_act,
            output: ResidualOutput::new(&(scope / "output"), inner, config)?,
        })
    }

    pub(super) fn forward(&self, hidden: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, pass)?;
        let inner = self
            .activation
            .forward(&self.intermediate.forward(&attended)?)?;
        self.output.forward(&inner, &attended, pass.mode)
    }
}

use tch::Tensor;

use super::DebertaV2Config;
use super::attention::{Columns, DisentangledAttention};
use crate::construction::Scope;
use crate::layers::{ActivatedLinear, ResidualNorm};
use crate::{Pass, Result};

/// `DebertaV2Layer`: attention, then the feed-forward block.
#[derive(Debug)]
pub(super) struct DebertaLayer {
    attention: DisentangledAttention,
    attention_output: ResidualNorm,
    intermediate: ActivatedLinear,
    output: ResidualNorm,
}

impl DebertaLayer {
    pub(super) fn new(scope: &Scope<'_>, config: &DebertaV2Config) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let (eps, dropout) = (config.layer_norm_eps, config.hidden_dropout_prob);
        let output = |scope: &Scope<'_>, inputs| {
            ResidualNorm::new(&(scope / "output"), [inputs, width], eps, dropout)
        };
        let attention = scope / "attention";
        Ok(Self {
            attention: DisentangledAttention::new(&(&attention / "self"), config)?,
            attention_output: output(&attention, width)?,
            intermediate: ActivatedLinear::new(
                &(scope / "intermediate"),
                [width, inner],
                config.hidden_act,
            )?,
            output: output(scope, inner)?,
        })
    }

    pub(super) fn shallow_clone(&self) -> Self {
        Self {
            attention: self.attention.shallow_clone(),
            attention_output: self.attention_output.shallow_clone(),
            intermediate: self.intermediate.shallow_clone(),
            output: self.output.shallow_clone(),
        }
    }

    pub(super) fn forward(
        &self,
        hidden: &Tensor,
        places: Option<&Tensor>,
        columns: &Columns,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, places, columns, pass)?;
        let attended = self.attention_output.forward(&attended, hidden, pass)?;
        let inner = self.intermediate.forward(&attended, pass)?;
        self.output.forward(&inner, &attended, pass)
    }
}

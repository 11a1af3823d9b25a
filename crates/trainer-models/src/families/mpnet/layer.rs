use tch::Tensor;

use super::MpnetConfig;
use crate::construction::Scope;
use crate::layers::{
    ActivatedLinear, AttentionBias, BiasedAttention, Dropout, LayerNorm, Linear, ResidualNorm,
};
use crate::{Pass, Result};

/// `MPNetLayer`: attention with a bias, then the feed-forward block.
#[derive(Debug)]
pub(super) struct MpnetLayer {
    attention: BiasedAttention,
    attention_output: ResidualNorm,
    intermediate: ActivatedLinear,
    output: ResidualNorm,
}

impl MpnetLayer {
    pub(super) fn new(scope: &Scope<'_>, config: &MpnetConfig) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let (eps, dropout) = (config.layer_norm_eps, config.hidden_dropout_prob);
        let attention = scope / "attention";
        let square = |name: &str| Linear::new(&(&attention / "attn" / name), width, width);
        Ok(Self {
            attention: BiasedAttention::from_parts(
                [square("q")?, square("k")?, square("v")?],
                width / config.num_attention_heads,
                Dropout::new(config.attention_probs_dropout_prob),
            ),
            attention_output: ResidualNorm::from_parts(
                square("o")?,
                LayerNorm::new(&(&attention / "LayerNorm"), width, eps)?,
                Dropout::new(dropout),
            ),
            intermediate: ActivatedLinear::new(
                &(scope / "intermediate"),
                [width, inner],
                config.hidden_act,
            )?,
            output: ResidualNorm::new(&(scope / "output"), [inner, width], eps, dropout)?,
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
        bias: &AttentionBias,
        pass: Pass<'_>,
    ) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, bias, pass)?;
        let attended = self.attention_output.forward(&attended, hidden, pass)?;
        let inner = self.intermediate.forward(&attended, pass)?;
        self.output.forward(&inner, &attended, pass)
    }
}

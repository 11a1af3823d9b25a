use trainer_collate::NamedTensors;

use super::{Head, HeadSize};
use crate::construction::Scope;
use crate::layers::{Activation, Dropout, Linear};
use crate::{BackboneOutput, Pass, Reads, Result};

/// DeBERTa's head on the first token's state: dropout, `pooler.dense`, an activation, dropout, `classifier`; `logits` of
/// `[rows, outputs]`.
#[derive(Debug)]
pub struct ContextPooledHead {
    pooler_dropout: Dropout,
    dense: Linear,
    activation: Activation,
    dropout: Dropout,
    classifier: Linear,
}

impl ContextPooledHead {
    /// With this dropout before the pooler's layer and this function behind it.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn new(
        scope: &Scope<'_>,
        size: HeadSize<'_>,
        pooler_dropout: f64,
        activation: Activation,
    ) -> Result<Self> {
        let width = size.hidden_size;
        Ok(Self {
            pooler_dropout: Dropout::new(pooler_dropout),
            dense: Linear::new(&(scope / "pooler" / "dense"), width, width)?,
            activation,
            dropout: Dropout::new(size.dropout),
            classifier: Linear::new(&(scope / "classifier"), width, size.outputs)?,
        })
    }
}

impl Head for ContextPooledHead {
    fn reads(&self) -> Reads {
        Reads::FirstTokens
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let first = pass.first_tokens(&states.last_hidden_state)?;
        let first = self.pooler_dropout.forward(&first, pass.mode)?;
        let pooled = self.activation.forward(&self.dense.forward(&first)?)?;
        let pooled = self.dropout.forward(&pooled, pass.mode)?;
        let logits = self.classifier.forward(&pooled)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

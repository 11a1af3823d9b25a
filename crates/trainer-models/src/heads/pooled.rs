use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Dropout, Linear};
use crate::{BackboneOutput, Error, Pass, Reads, Result};

/// Dropout and a linear layer, `classifier`, on the pooled state: `logits` of `[rows, outputs]`.
#[derive(Debug)]
pub struct PooledHead {
    dropout: Dropout,
    classifier: Linear,
}

impl PooledHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: true,
        build: |scope, size| Ok(Box::new(Self::new(scope, size)?)),
    };

    fn new(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        Ok(Self {
            dropout: Dropout::new(size.dropout),
            classifier: Linear::new(&(scope / "classifier"), size.hidden_size, size.outputs)?,
        })
    }
}

impl Head for PooledHead {
    fn reads(&self) -> Reads {
        Reads::FirstTokens
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let pooled = states.pooler_output.as_ref().ok_or(Error::NoPooler)?;
        let pooled = self.dropout.forward(pooled, pass.mode)?;
        let logits = self.classifier.forward(&pooled)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Dropout, Linear};
use crate::{BackboneOutput, Pass, Result};

/// Dropout and a linear layer, `classifier`, on the state of every token: `logits` of `[rows, length, outputs]`.
#[derive(Debug)]
pub struct TokenHead {
    dropout: Dropout,
    classifier: Linear,
}

impl TokenHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::new(scope, size)?)),
    };

    fn new(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        Ok(Self {
            dropout: Dropout::new(size.dropout),
            classifier: Linear::new(&(scope / "classifier"), size.hidden_size, size.outputs)?,
        })
    }
}

impl Head for TokenHead {
    fn is_token_wise(&self) -> bool {
        true
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let states = self.dropout.forward(&states.last_hidden_state, pass.mode)?;
        let logits = pass.layout.unpack(self.classifier.forward(&states)?)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

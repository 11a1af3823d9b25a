use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Dropout, Linear};
use crate::{BackboneOutput, Pass, Reads, Result};

/// DistilBERT's classification head on the first token's state: `pre_classifier`, ReLU, dropout, `classifier`; `logits` of
/// `[rows, outputs]`.
#[derive(Debug)]
pub struct PreClassifierHead {
    pre_classifier: Linear,
    classifier: Linear,
    dropout: Dropout,
}

impl PreClassifierHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::new(scope, size)?)),
    };

    fn new(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        let width = size.hidden_size;
        Ok(Self {
            pre_classifier: Linear::new(&(scope / "pre_classifier"), width, width)?,
            classifier: Linear::new(&(scope / "classifier"), width, size.outputs)?,
            dropout: Dropout::new(size.dropout),
        })
    }
}

impl Head for PreClassifierHead {
    fn reads(&self) -> Reads {
        Reads::FirstTokens
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let first = pass.first_tokens(&states.last_hidden_state)?;
        let hidden = self.pre_classifier.forward(&first)?.f_relu()?;
        let hidden = self.dropout.forward(&hidden, pass.mode)?;
        let logits = self.classifier.forward(&hidden)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

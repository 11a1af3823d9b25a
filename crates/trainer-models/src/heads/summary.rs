use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Activation, Dropout, Linear};
use crate::{BackboneOutput, Pass, Reads, Result};

/// ELECTRA's head for choices on the first token's state: `sequence_summary.summary`, GELU, dropout, `classifier`; `logits` of
/// `[rows, outputs]`.
#[derive(Debug)]
pub struct SummaryHead {
    summary: Linear,
    dropout: Dropout,
    classifier: Linear,
}

impl SummaryHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::new(scope, size)?)),
    };

    fn new(scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        let (width, summary) = (size.hidden_size, scope / "sequence_summary" / "summary");
        Ok(Self {
            summary: Linear::new(&summary, width, width)?,
            dropout: Dropout::new(size.dropout),
            classifier: Linear::new(&(scope / "classifier"), width, size.outputs)?,
        })
    }
}

impl Head for SummaryHead {
    fn reads(&self) -> Reads {
        Reads::FirstTokens
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let first = pass.first_tokens(&states.last_hidden_state)?;
        let hidden = Activation::Gelu.forward(&self.summary.forward(&first)?)?;
        let hidden = self.dropout.forward(&hidden, pass.mode)?;
        let logits = self.classifier.forward(&hidden)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

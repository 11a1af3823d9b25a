use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Activation, Dropout, Linear};
use crate::{BackboneOutput, Pass, Reads, Result};

/// RoBERTa's classification head on the first token's state: dropout, `classifier.dense`, tanh (ELECTRA has GELU), dropout,
/// `classifier.out_proj`; `logits` of `[rows, outputs]`.
#[derive(Debug)]
pub struct FirstTokenHead {
    dropout: Dropout,
    dense: Linear,
    out_proj: Linear,
    activation: Activation,
}

impl FirstTokenHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::new(scope, size, Activation::Tanh)?)),
    };

    /// How it is made with GELU.
    pub const WITH_GELU: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::new(scope, size, Activation::Gelu)?)),
    };

    fn new(scope: &Scope<'_>, size: HeadSize<'_>, activation: Activation) -> Result<Self> {
        let scope = scope / "classifier";
        let width = size.hidden_size;
        Ok(Self {
            dropout: Dropout::new(size.dropout),
            dense: Linear::new(&(&scope / "dense"), width, width)?,
            out_proj: Linear::new(&(&scope / "out_proj"), width, size.outputs)?,
            activation,
        })
    }
}

impl Head for FirstTokenHead {
    fn reads(&self) -> Reads {
        Reads::FirstTokens
    }

    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let first = pass.first_tokens(&states.last_hidden_state)?;
        let first = self.dropout.forward(&first, pass.mode)?;
        let hidden = self.activation.forward(&self.dense.forward(&first)?)?;
        let hidden = self.dropout.forward(&hidden, pass.mode)?;
        let logits = self.out_proj.forward(&hidden)?;
        Ok([("logits", logits)].into_iter().collect())
    }
}

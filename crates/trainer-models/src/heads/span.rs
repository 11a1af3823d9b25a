use trainer_collate::NamedTensors;

use super::{Head, HeadKind, HeadSize};
use crate::construction::Scope;
use crate::layers::{Dropout, Linear, least_of};
use crate::{BackboneOutput, Pass, Result};

/// Where answers begin and end: dropout, where the family has it, and a linear layer, `qa_outputs`, on the state of every token;
/// `start_logits` and `end_logits`, `[rows, length]` each. Where padding was taken out they are the least number of their type there: no answer
/// begins or ends in padding.
#[derive(Debug)]
pub struct SpanHead {
    dropout: Dropout,
    qa_outputs: Linear,
}

impl SpanHead {
    /// How it is made.
    pub const KIND: HeadKind = HeadKind {
        reads_pooler: false,
        build: |scope, size| Ok(Box::new(Self::named("qa_outputs", scope, size)?)),
    };

    /// With another name for the linear layer.
    ///
    /// # Errors
    /// As [`Scope::weight`].
    pub fn named(name: &str, scope: &Scope<'_>, size: HeadSize<'_>) -> Result<Self> {
        Ok(Self {
            dropout: Dropout::new(size.dropout),
            qa_outputs: Linear::new(&(scope / name), size.hidden_size, size.outputs)?,
        })
    }
}

impl Head for SpanHead {
    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors> {
        let states = self.dropout.forward(&states.last_hidden_state, pass.mode)?;
        let logits = self.qa_outputs.forward(&states)?;
        let least = least_of(logits.kind());
        let logits = pass.layout.unpack_over(logits, least)?;
        let parts = logits.f_split(1, -1)?;
        let names = ["start_logits", "end_logits"];
        let named = names.into_iter().zip(&parts);
        named
            .map(|(name, part)| Ok((name, part.f_squeeze_dim(-1)?.f_contiguous()?)))
            .collect()
    }
}

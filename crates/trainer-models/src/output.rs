use tch::Tensor;
use trainer_collate::NamedTensors;

use crate::Result;

/// What a forward pass gives.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ModelOutput {
    /// Mean loss over the batch's [items](crate::Prepared::num_items), 0-d, float32; `None` for a batch without labels.
    pub loss: Option<Tensor>,
    /// The head's outputs by name, float32, the first dimension of each the rows of the batch: `logits` of most heads,
    /// `[batch, num_labels]` for sequence classification, `[batch, length, num_labels]` for token classification.
    pub outputs: NamedTensors,
}

impl ModelOutput {
    /// Outputs without a loss.
    #[must_use]
    pub fn new(outputs: NamedTensors) -> Self {
        Self {
            loss: None,
            outputs,
        }
    }

    /// The one output `logits`, without a loss.
    #[must_use]
    pub fn of_logits(logits: Tensor) -> Self {
        Self::new([("logits", logits)].into_iter().collect())
    }

    /// With a loss.
    #[must_use]
    pub fn with_loss(mut self, loss: Option<Tensor>) -> Self {
        self.loss = loss;
        self
    }

    /// The output `logits`.
    ///
    /// # Errors
    /// When the model has none of that name; the error names those it has.
    pub fn logits(&self) -> Result<&Tensor> {
        Ok(self.outputs.require("logits")?)
    }
}

//! What a metric sees of a batch.

use crate::array::Array;

/// What the model said about some examples, and what is true.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalPrediction {
    /// The outputs of the model, for instance logits of `[examples, classes]`.
    pub predictions: Array,
    /// The labels, for instance classes of `[examples]`.
    pub label_ids: Array,
}

impl EvalPrediction {
    /// Predictions with their labels. Whether they go together is checked by the metric that takes them.
    pub const fn new(predictions: Array, label_ids: Array) -> Self {
        Self {
            predictions,
            label_ids,
        }
    }
}

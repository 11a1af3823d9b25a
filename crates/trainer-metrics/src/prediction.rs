//! What a metric sees of a batch.

use crate::array::Array;
use crate::error::Result;
use crate::named_arrays::NamedArrays;

/// What the model said about some examples, and what is true.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct EvalPrediction {
    /// The outputs of the model by name; [`logits`](Self::logits) is the short form for one.
    pub predictions: NamedArrays,
    /// The labels by the names of their columns; [`labels`](Self::labels) is the short form for one.
    pub label_ids: NamedArrays,
    /// What went into the model, for instance `input_ids`; empty unless the evaluation was asked for it.
    pub inputs: NamedArrays,
    /// The loss of each batch, repeated for its examples: `[examples]`; `None` unless the evaluation was asked for it.
    pub losses: Option<Array>,
}

impl EvalPrediction {
    /// The one output `logits`, for instance of `[examples, classes]`, and the one column `labels`, for instance of
    /// `[examples]`. Whether they go together is checked by the metric that takes them.
    pub fn new(logits: Array, labels: Array) -> Self {
        Self::named(
            NamedArrays::new().with("logits", logits),
            NamedArrays::new().with("labels", labels),
        )
    }

    /// Outputs and labels by name.
    pub fn named(predictions: NamedArrays, label_ids: NamedArrays) -> Self {
        Self {
            predictions,
            label_ids,
            ..Self::default()
        }
    }

    /// The rows of all parts, in order; narrower arrays are filled with `padding` on the right. Losses are kept where every
    /// part has them.
    ///
    /// # Errors
    ///
    /// Those of [`NamedArrays::concatenate`].
    pub fn concatenate(parts: &[Self], padding: i64) -> Result<Self> {
        let all = |of: fn(&Self) -> &NamedArrays| {
            let parts: Vec<&NamedArrays> = parts.iter().map(of).collect();
            NamedArrays::concatenate(&parts, padding)
        };
        let losses: Option<Vec<&Array>> = parts.iter().map(|part| part.losses.as_ref()).collect();
        let losses = losses.filter(|losses| !losses.is_empty());
        Ok(Self {
            predictions: all(|part| &part.predictions)?,
            label_ids: all(|part| &part.label_ids)?,
            inputs: all(|part| &part.inputs)?,
            losses: losses
                .map(|losses| Array::concatenate(&losses, padding))
                .transpose()?,
        })
    }

    /// The model's output `logits`, or the only one it gives.
    ///
    /// # Errors
    ///
    /// [`MetricError::MissingArray`](crate::MetricError::MissingArray) where there are several of other names, or none.
    pub fn logits(&self) -> Result<&Array> {
        self.predictions.single("logits")
    }

    /// The labels called `labels`, or the only ones.
    ///
    /// # Errors
    ///
    /// [`MetricError::MissingArray`](crate::MetricError::MissingArray) where there are several of other names, or none.
    pub fn labels(&self) -> Result<&Array> {
        self.label_ids.single("labels")
    }
}

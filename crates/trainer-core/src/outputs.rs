use trainer_metrics::{Array, NamedArrays};

use crate::{Logs, Result};

/// What [`train`](crate::Trainer::train) gives back.
#[derive(Clone, Debug)]
pub struct TrainOutput {
    /// Optimizer steps done, those before a resume included.
    pub global_step: u64,
    /// Mean loss a step over the steps of this call.
    pub training_loss: f64,
    /// `train_runtime` in seconds, `train_samples_per_second`, `train_steps_per_second`, `total_flos`, `train_loss`,
    /// `epoch`.
    pub metrics: Logs,
}

/// What [`predict`](crate::Trainer::predict) gives back, in the order of the data set's rows.
#[derive(Clone, Debug)]
pub struct PredictionOutput {
    /// The model's outputs by name: for sequence classification `logits` of `[rows, num_labels]`, float32.
    pub predictions: NamedArrays,
    /// The labels by the names of their columns, `[rows]` or `[rows, num_labels]`; none where the data set has none.
    pub label_ids: NamedArrays,
    /// `test_loss`, metrics and speed.
    pub metrics: Logs,
}

impl PredictionOutput {
    /// The model's output `logits`, or the only one it gives.
    ///
    /// # Errors
    /// Where there are several of other names.
    pub fn logits(&self) -> Result<&Array> {
        Ok(self.predictions.single("logits")?)
    }

    /// The labels called `labels`, or the only ones.
    ///
    /// # Errors
    /// Where there are several of other names, or none.
    pub fn labels(&self) -> Result<&Array> {
        Ok(self.label_ids.single("labels")?)
    }
}

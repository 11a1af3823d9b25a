use trainer_metrics::Array;

use crate::Logs;

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
    /// The model's scores, for sequence classification `[rows, num_labels]`, float32.
    pub predictions: Array,
    /// The labels, `[rows]` or `[rows, num_labels]`; of shape `[0]` where the data set has none.
    pub label_ids: Array,
    /// `test_loss`, metrics and speed.
    pub metrics: Logs,
}

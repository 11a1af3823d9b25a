use serde::{Deserialize, Serialize};

/// What the callbacks ask of the trainer. The trainer clears each flag when it has done what was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainerControl {
    /// End training after this step.
    pub should_training_stop: bool,
    /// End the epoch after this step.
    pub should_epoch_stop: bool,
    /// Write a checkpoint.
    pub should_save: bool,
    /// Evaluate.
    pub should_evaluate: bool,
    /// Log the running loss.
    pub should_log: bool,
}

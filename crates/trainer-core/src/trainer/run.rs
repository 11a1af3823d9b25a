use std::time::Instant;

use tch::Tensor;
use trainer_torch::rng_state::RngState;

use crate::Result;
use crate::optimizer::Optimizer;
use crate::plan::TrainingPlan;
use crate::running_loss::RunningLoss;
use crate::schedule::Schedule;

/// What one call of `train` holds beside the trainer's own state.
pub(super) struct Run {
    pub(super) plan: TrainingPlan,
    pub(super) optimizer: Box<dyn Optimizer>,
    pub(super) scheduler: Box<dyn Schedule>,
    pub(super) loss: RunningLoss,
    /// Norm of the last step's gradients before clipping, 0-d, on the device.
    pub(super) grad_norm: Option<Tensor>,
    /// Learning rate of the last step.
    pub(super) learning_rate: f64,
    /// Floating point operations since they were last added to the state.
    pub(super) flos: f64,
    /// Set until the generators are restored from the checkpoint that the run resumes from.
    pub(super) rng_to_restore: Option<RngState>,
    /// The generators that the run resumed with; those of other libraries are written back unchanged.
    pub(super) resumed_rng: Option<RngState>,
    /// Elements outside embeddings, for `flos`.
    pub(super) num_non_embedding: usize,
    pub(super) start: Instant,
    /// Steps done before this call.
    pub(super) first_step: u64,
    /// Tokens seen before this call.
    pub(super) first_tokens: u64,
}

impl Run {
    /// Puts libtorch's generators where the checkpoint left them, the first time it is called after a resume.
    pub(super) fn restore_rng(&mut self) -> Result<()> {
        if let Some(state) = self.rng_to_restore.take() {
            state.restore()?;
            self.resumed_rng = Some(state);
        }
        Ok(())
    }
}

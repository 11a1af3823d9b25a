use std::time::Instant;

use tch::Tensor;
use trainer_torch::rng_state::RngState;

use crate::Result;
use crate::grad_scaler::GradScaler;
use crate::loss::RunningLoss;
use crate::optimizer::Optimizer;
use crate::plan::TrainingPlan;
use crate::profile::Profile;
use crate::schedule::Schedule;

/// What one call of `train` holds: optimizer, schedule, running loss, position.
pub(crate) struct Run {
    pub(crate) plan: TrainingPlan,
    pub(crate) optimizer: Box<dyn Optimizer>,
    pub(crate) schedule: Box<dyn Schedule>,
    /// With `fp16`.
    pub(crate) scaler: Option<GradScaler>,
    pub(crate) loss: RunningLoss,
    /// Norm of the last step's gradients before clipping, 0-d, on the device.
    pub(crate) grad_norm: Option<Tensor>,
    /// Learning rate of the last step.
    pub(crate) learning_rate: f64,
    /// Floating point operations since they were last added to the state.
    pub(crate) flos: f64,
    /// Set until the generators are restored from the checkpoint that the run resumes from.
    pub(crate) rng_to_restore: Option<RngState>,
    /// The generators that the run resumed with; those of other libraries are written back unchanged.
    pub(crate) resumed_rng: Option<RngState>,
    /// Elements outside embeddings, for `flos`.
    pub(crate) num_non_embedding: usize,
    pub(crate) start: Instant,
    pub(crate) profile: Profile,
    /// Steps done before this call.
    pub(crate) first_step: u64,
    /// Tokens seen before this call.
    pub(crate) first_tokens: u64,
}

impl Run {
    /// Puts libtorch's generators where the checkpoint left them, the first time it is called after a resume.
    pub(crate) fn restore_rng(&mut self) -> Result<()> {
        if let Some(state) = self.rng_to_restore.take() {
            state.restore()?;
            self.resumed_rng = Some(state);
        }
        Ok(())
    }
}

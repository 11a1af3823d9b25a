use std::sync::Arc;
use std::time::Instant;

use tch::Tensor;
use trainer_collate::Batch;
use trainer_data::{Collate, warning};
use trainer_torch::rng;
use trainer_torch::rng_state::{BeforeNext, CollatorState, RngState};

use crate::grad_scaler::GradScaler;
use crate::loss::RunningLoss;
use crate::optimizer::Optimizer;
use crate::plan::TrainingPlan;
use crate::profile::Profile;
use crate::schedule::Schedule;
use crate::stream_position::StreamPosition;
use crate::{Result, draws};

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
    /// What makes the batches.
    pub(crate) collator: Arc<dyn Collate<Batch = Batch>>,
    /// Where the generators stood before the batch was drawn that comes after those of the present step.
    pub(crate) before_next: Option<BeforeNext>,
    /// Whether the order of rows is drawn from libtorch's generator.
    pub(crate) draws_order: bool,
    /// Where that stood before the present epoch's order was drawn.
    pub(crate) before_order: Option<Vec<u8>>,
    /// Where the stream stands that is trained on.
    pub(crate) position: Option<StreamPosition>,
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
    /// Puts the generators where the checkpoint left them, the first time it is called after a resume.
    pub(crate) fn restore_rng(&mut self) -> Result<()> {
        if let Some(state) = self.rng_to_restore.take() {
            state.restore()?;
            let own = state.collator.as_ref();
            let own = own.and_then(|state| state.generator.as_deref());
            draws::set_own(&*self.collator, own)?;
            self.resumed_rng = Some(state);
        }
        Ok(())
    }

    /// Puts the generators where they stood before the batch was drawn that comes after the checkpoint, and gives whether the checkpoint
    /// says where that is.
    pub(crate) fn return_before_next(&mut self) -> Result<bool> {
        let state = self.rng_to_restore.as_ref();
        let collator = state.and_then(|state| state.collator.as_ref());
        let Some(before) = collator.and_then(|collator| collator.before_next.as_ref()) else {
            return Ok(false);
        };
        draws::set_generators(&*self.collator, before)?;
        Ok(true)
    }

    /// Remembers where the generators stand.
    pub(crate) fn remember_before_next(&mut self) -> Result<()> {
        self.before_next = Some(draws::generators(&*self.collator)?);
        Ok(())
    }

    /// Before the order of an epoch is drawn: remembers where the generator stands, or, where the run resumes inside the epoch,
    /// puts it where it stood then. What it draws from afterwards is restored by [`Self::restore_rng`].
    pub(crate) fn before_order(&mut self, inside: bool) -> Result<()> {
        if !self.draws_order {
            return Ok(());
        }
        if inside && let Some(state) = &self.rng_to_restore {
            match &state.before_order {
                Some(before) => rng::set_state(before)?,
                None => warning!(
                    "the checkpoint does not say in which order its epoch reads rows, as Python's do not: the rest of the \
                     epoch is of another order, in which rows may come again"
                ),
            }
        }
        self.before_order = Some(rng::get_state()?);
        Ok(())
    }

    /// Where the collator stands, if it draws.
    pub(crate) fn collator_state(&self) -> Result<Option<CollatorState>> {
        if self.collator.random().is_none() {
            return Ok(None);
        }
        Ok(Some(CollatorState {
            generator: draws::generators(&*self.collator)?.generator,
            before_next: self.before_next.clone(),
        }))
    }
}

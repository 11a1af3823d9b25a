use trainer_data::BoxError;

use crate::{Logs, TrainerControl, TrainerState, TrainingArguments};

/// What a callback answers: the control it was given, changed or not. An error ends the run.
pub type Answer = Result<TrainerControl, BoxError>;

/// What happened, in the order in which a run goes through it:
///
/// ```text
/// InitEnd                                                   when the trainer is built
/// TrainBegin
///   EpochBegin
///     StepBegin  (SubstepEnd)*  PreOptimizerStep  OptimizerStep  StepEnd  (Log) (PredictionStep* Log Evaluate) (Save)
///   EpochEnd     (Log) (PredictionStep* Log Evaluate) (Save)
/// Log  TrainEnd
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The trainer is built.
    InitEnd,
    /// Training begins.
    TrainBegin,
    /// Training has ended.
    TrainEnd,
    /// An epoch begins.
    EpochBegin,
    /// An epoch has ended, or was stopped.
    EpochEnd,
    /// The first forward pass of an optimizer step begins.
    StepBegin,
    /// Gradients are clipped, the optimizer has not stepped yet.
    PreOptimizerStep,
    /// The optimizer has stepped, gradients are still there.
    OptimizerStep,
    /// A forward and backward pass inside an accumulation window has ended.
    SubstepEnd,
    /// An optimizer step has ended; `state.global_step` counts it.
    StepEnd,
    /// An evaluation has ended with these metrics.
    Evaluate(&'a Logs),
    /// A prediction has ended with these metrics.
    Predict(&'a Logs),
    /// A checkpoint was written.
    Save,
    /// These values were logged.
    Log(&'a Logs),
    /// One batch was evaluated.
    PredictionStep {
        /// Batches evaluated so far, this one included.
        done: usize,
        /// Batches of this evaluation; 0 for a stream, which does not say.
        total: usize,
    },
}

/// What a callback may look at.
#[derive(Clone, Copy, Debug)]
pub struct CallbackContext<'a> {
    /// The run's arguments.
    pub args: &'a TrainingArguments,
    /// Where the run stands.
    pub state: &'a TrainerState,
}

/// Watches a run and asks for things; it cannot change the run otherwise.
///
/// Callbacks are called in the order they were added, after the trainer's own flow and before the progress bar, each
/// with the control that the one before answered.
///
/// ```
/// use trainer_core::{Answer, Callback, CallbackContext, Event, TrainerControl};
///
/// struct StopAfter(u64);
///
/// impl Callback for StopAfter {
///     fn on_event(&mut self, event: Event<'_>, cx: &CallbackContext<'_>, mut control: TrainerControl) -> Answer {
///         if matches!(event, Event::StepEnd) && cx.state.global_step >= self.0 {
///             control.should_training_stop = true;
///         }
///         Ok(control)
///     }
/// }
/// ```
pub trait Callback: Send {
    /// Called at every event.
    ///
    /// # Errors
    /// Whatever the callback cannot go on without; the run ends with it.
    fn on_event(
        &mut self,
        event: Event<'_>,
        context: &CallbackContext<'_>,
        control: TrainerControl,
    ) -> Answer;

    /// The name under which checkpoints keep [`state`](Self::state). By default the type's name without its path.
    fn name(&self) -> &'static str {
        let path = std::any::type_name::<Self>();
        path.rsplit("::").next().unwrap_or(path)
    }

    /// What a resumed run needs back, as `{"args": {…}, "attributes": {…}}`: what the callback was made with, and what it has counted
    /// since. By default nothing.
    fn state(&self) -> Option<serde_json::Value> {
        None
    }

    /// Takes back what [`state`](Self::state) gave. Called before `TrainBegin` of a run that resumes. `args` are this run's own, or
    /// with `restore_callback_states_from_checkpoint` the checkpoint's.
    ///
    /// # Errors
    /// When the state is not one of this callback's.
    fn load_state(&mut self, _state: &serde_json::Value) -> Result<(), BoxError> {
        Ok(())
    }
}

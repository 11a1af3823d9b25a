use std::fmt::Debug;

use trainer_torch::pickle::Value;

use super::error::Result;
use crate::optimizer::ParamGroup;

/// Sets the learning rates of an optimizer's groups, step by step or as a metric develops.
///
/// A schedule sets the rates of the first step when it is made. One that scales the rates by a function of the step needs no type of its
/// own: [`LambdaLr`](super::LambdaLr).
///
/// ```
/// use trainer_core::optimizer::ParamGroup;
/// use trainer_core::schedule::{Schedule, ScheduleError};
/// use trainer_torch::pickle::{Dict, Value};
///
/// /// Half the rate, once.
/// #[derive(Debug)]
/// struct HalveAt { step: i64, done: i64, last_lr: Vec<f64> }
///
/// impl Schedule for HalveAt {
///     fn step(&mut self, groups: &mut [ParamGroup]) -> Result<(), ScheduleError> {
///         self.done += 1;
///         if self.done == self.step {
///             groups.iter_mut().for_each(|group| group.lr /= 2.0);
///         }
///         self.last_lr = groups.iter().map(|group| group.lr).collect();
///         Ok(())
///     }
///     fn get_last_lr(&self) -> &[f64] {
///         &self.last_lr
///     }
///     fn state_dict(&self) -> Value {
///         Dict::new().with("last_epoch", self.done).into()
///     }
///     fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<(), ScheduleError> {
///         let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
///         let done = state.require("last_epoch")?;
///         self.done = done.as_i64().ok_or_else(|| done.unexpected("an int"))?;
///         self.last_lr = groups.iter().map(|group| group.lr).collect(); // the optimizer's state has the rates
///         Ok(())
///     }
/// }
///
/// let mut groups = [ParamGroup::new([], 1.0, 0.0)];
/// let mut schedule: Box<dyn Schedule> = Box::new(HalveAt { step: 2, done: 0, last_lr: vec![1.0] });
/// schedule.step(&mut groups)?;
/// schedule.step(&mut groups)?;
/// assert_eq!(groups[0].lr, 0.5);
/// # Ok::<(), ScheduleError>(())
/// ```
pub trait Schedule: Debug + Send {
    /// Sets the rates of the next step. Called after each optimizer step, unless the schedule [follows a metric](Self::follows_metric).
    ///
    /// # Errors
    /// When the number of groups changed, or what a schedule of one's own has to say. They end the run.
    fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()>;

    /// Whether the schedule follows a metric instead of steps. Asked after each optimizer step and each evaluation. By default it does not.
    fn follows_metric(&self) -> bool {
        false
    }

    /// Sets the rates by a metric. Called after each evaluation where the schedule [follows a metric](Self::follows_metric), with the
    /// value of `metric_for_best_model`, or the evaluation's loss. By default nothing happens, as a schedule that follows steps needs no
    /// metric.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    fn step_metric(&mut self, groups: &mut [ParamGroup], metric: f64) -> Result<()> {
        let _ = (groups, metric);
        Ok(())
    }

    /// The rates that were last set, one a group.
    fn get_last_lr(&self) -> &[f64];

    /// All that a resumed run needs, in the form of PyTorch's schedule, where there is one: `torch.save` of it, through
    /// [`trainer_torch::pickle::save`], is Python's `scheduler.pt`. Called for each checkpoint.
    fn state_dict(&self) -> Value;

    /// Takes over a state that [`state_dict`](Self::state_dict) or Python gave, and sets the groups' rates to it. Called before the first
    /// step of a run that resumes, after the optimizer's state was loaded.
    ///
    /// # Errors
    /// When the state has not the form of this schedule's, or another number of groups; nothing is changed then, and the run does not start.
    fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()>;
}

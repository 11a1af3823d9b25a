use serde_json::{Map, Value as Json};
use trainer_torch::pickle::Value;

use super::Schedule;
use super::constant::{ConstantWithWarmup, constant};
use super::cosine::{Cosine, CosineWarmupWithMinLr, CosineWithMinLr, CosineWithRestarts};
use super::error::Result;
use super::formula::by_formula;
use super::greedy::Greedy;
use super::inverse_sqrt::InverseSqrt;
use super::linear::Linear;
use super::metric_schedule::MetricSchedule;
use super::plateau::ReduceLrOnPlateau;
use super::polynomial::Polynomial;
use super::warmup_stable_decay::WarmupStableDecay;
use crate::SchedulerType;
use crate::optimizer::ParamGroup;

/// The schedule that a name and keyword arguments ask for, as `transformers.get_scheduler` makes it.
///
/// ```
/// use serde_json::Map;
/// use trainer_core::SchedulerType;
/// use trainer_core::optimizer::ParamGroup;
/// use trainer_core::schedule::{LrScheduler, Schedule};
///
/// let mut groups = [ParamGroup::new([], 10.0, 0.0)];
/// let mut scheduler = LrScheduler::new(SchedulerType::Linear, &Map::new(), 2, 10, &mut groups)?;
/// assert_eq!(groups[0].lr, 0.0); // the first step of a warm-up changes nothing
/// scheduler.step(&mut groups)?;
/// assert_eq!(scheduler.get_last_lr(), [5.0]);
/// # Ok::<(), trainer_core::schedule::ScheduleError>(())
/// ```
#[derive(Debug)]
pub struct LrScheduler(Box<dyn Schedule>);

impl LrScheduler {
    /// A schedule of `num_training_steps` optimizer steps, the first `num_warmup_steps` of them warm-up, and sets the
    /// groups' rates to those of the first step. `kwargs` are Python's `lr_scheduler_kwargs`. What is a share of "the"
    /// learning rate is one of the first group's.
    ///
    /// # Errors
    /// When a keyword argument is unknown, missing, of the wrong kind or out of its range.
    pub fn new(
        kind: SchedulerType,
        kwargs: &Map<String, Json>,
        num_warmup_steps: u64,
        num_training_steps: u64,
        groups: &mut [ParamGroup],
    ) -> Result<Self> {
        use SchedulerType as Type;
        let steps = (num_warmup_steps, num_training_steps);
        Ok(Self(match kind {
            Type::Linear => by_formula::<Linear>(kind, kwargs, steps, groups)?,
            Type::Constant => constant(kwargs, groups)?,
            Type::ConstantWithWarmup => {
                by_formula::<ConstantWithWarmup>(kind, kwargs, steps, groups)?
            }
            Type::Cosine => by_formula::<Cosine>(kind, kwargs, steps, groups)?,
            Type::CosineWithRestarts => {
                by_formula::<CosineWithRestarts>(kind, kwargs, steps, groups)?
            }
            Type::CosineWithMinLr => by_formula::<CosineWithMinLr>(kind, kwargs, steps, groups)?,
            Type::CosineWarmupWithMinLr => {
                by_formula::<CosineWarmupWithMinLr>(kind, kwargs, steps, groups)?
            }
            Type::Polynomial => by_formula::<Polynomial>(kind, kwargs, steps, groups)?,
            Type::InverseSqrt => by_formula::<InverseSqrt>(kind, kwargs, steps, groups)?,
            Type::WarmupStableDecay => {
                by_formula::<WarmupStableDecay>(kind, kwargs, steps, groups)?
            }
            Type::ReduceLrOnPlateau => {
                let rule = ReduceLrOnPlateau::new(groups.len(), kwargs)?;
                Box::new(MetricSchedule::new(rule, groups))
            }
            Type::Greedy => Box::new(MetricSchedule::new(Greedy::new(groups, kwargs)?, groups)),
        }))
    }
}

impl Schedule for LrScheduler {
    fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()> {
        self.0.step(groups)
    }

    fn follows_metric(&self) -> bool {
        self.0.follows_metric()
    }

    fn step_metric(&mut self, groups: &mut [ParamGroup], metric: f64) -> Result<()> {
        self.0.step_metric(groups, metric)
    }

    fn get_last_lr(&self) -> &[f64] {
        self.0.get_last_lr()
    }

    fn state_dict(&self) -> Value {
        self.0.state_dict()
    }

    fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()> {
        self.0.load_state_dict(state, groups)
    }
}

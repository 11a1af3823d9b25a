use std::fmt;
use std::sync::Arc;

use trainer_torch::pickle::{Dict, Value};

use super::Schedule;
use super::error::Result;
use super::metric::{integer, list, numbers};
use super::rates::LastLr;
use crate::optimizer::ParamGroup;

/// The factor after a number of steps.
pub(super) type Factor = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// Scales the first rates by a function of the step
/// ([`torch.optim.lr_scheduler.LambdaLR`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/lr_scheduler.py)).
///
/// ```
/// use trainer_core::optimizer::ParamGroup;
/// use trainer_core::schedule::{LambdaLr, Schedule};
///
/// let mut groups = [ParamGroup::new([], 0.5, 0.01), ParamGroup::new([], 0.25, 0.0)];
/// let mut schedule = LambdaLr::new(|step| 0.5_f64.powf(step), &mut groups);
/// assert_eq!(groups[0].lr, 0.5); // the rate of the first step
/// schedule.step(&mut groups)?;
/// schedule.step(&mut groups)?;
/// assert_eq!(schedule.get_last_lr(), [0.125, 0.0625]);
/// # Ok::<(), trainer_core::schedule::ScheduleError>(())
/// ```
#[derive(Clone)]
pub struct LambdaLr {
    factor: Factor,
    is_function: bool,
    base_lrs: Vec<f64>,
    last_epoch: i64,
    step_count: i64,
    last_lr: LastLr,
}

impl LambdaLr {
    /// A schedule by `factor`, which is given the number of steps done (0, 1, 2, …) and by which the first rate of each group is
    /// multiplied: its [`initial_lr`](ParamGroup::initial_lr), which is set where there is none. Sets the groups' rates to those of
    /// the first step.
    ///
    /// What `factor` holds is not part of the state: a resumed run makes the same schedule again and loads the state into it.
    #[must_use]
    pub fn new(
        factor: impl Fn(f64) -> f64 + Send + Sync + 'static,
        groups: &mut [ParamGroup],
    ) -> Self {
        Self::with_form(Arc::new(factor), true, groups)
    }

    /// As [`new`](Self::new), where Python's factor is no function but a `functools.partial`: its state is an empty dict instead of `None`.
    pub(super) fn partial(factor: Factor, groups: &mut [ParamGroup]) -> Self {
        Self::with_form(factor, false, groups)
    }

    fn with_form(factor: Factor, is_function: bool, groups: &mut [ParamGroup]) -> Self {
        let base_lrs = groups
            .iter_mut()
            .map(|group| *group.initial_lr.get_or_insert(group.lr))
            .collect();
        let mut schedule = Self {
            factor,
            is_function,
            base_lrs,
            last_epoch: -1,
            step_count: 0,
            last_lr: LastLr::of(groups),
        };
        schedule.advance(groups);
        schedule
    }

    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    fn advance(&mut self, groups: &mut [ParamGroup]) {
        self.step_count += 1;
        self.last_epoch += 1;
        let factor = (self.factor)(self.last_epoch as f64);
        for (group, base_lr) in groups.iter_mut().zip(&self.base_lrs) {
            group.lr = base_lr * factor;
        }
        self.last_lr = LastLr::of(groups);
    }
}

impl Schedule for LambdaLr {
    fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()> {
        self.last_lr.check(groups)?;
        self.advance(groups);
        Ok(())
    }

    fn get_last_lr(&self) -> &[f64] {
        self.last_lr.as_slice()
    }

    fn state_dict(&self) -> Value {
        let lambda = |_| match self.is_function {
            true => Value::None,
            false => Dict::new().into(),
        };
        Dict::new()
            .with("base_lrs", list(&self.base_lrs))
            .with("last_epoch", self.last_epoch)
            .with("_step_count", self.step_count)
            .with("_is_initial", false)
            .with("_get_lr_called_within_step", false)
            .with("_last_lr", list(self.last_lr.as_slice()))
            .with(
                "lr_lambdas",
                Value::List(self.base_lrs.iter().map(lambda).collect()),
            )
            .into()
    }

    fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()> {
        self.last_lr.check(groups)?;
        let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
        let last_lr = self.last_lr.read(state)?;
        state.require("last_epoch")?;
        let last_epoch = integer(state, "last_epoch", self.last_epoch)?;
        *self = Self {
            factor: Arc::clone(&self.factor),
            is_function: self.is_function,
            base_lrs: numbers(state, "base_lrs", &self.base_lrs)?,
            last_epoch,
            step_count: integer(state, "_step_count", last_epoch + 1)?,
            last_lr,
        };
        self.last_lr.set(groups);
        Ok(())
    }
}

impl fmt::Debug for LambdaLr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LambdaLr")
            .field("base_lrs", &self.base_lrs)
            .field("last_epoch", &self.last_epoch)
            .field("last_lr", &self.last_lr.as_slice())
            .finish_non_exhaustive()
    }
}

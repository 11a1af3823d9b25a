use std::fmt::Debug;

use trainer_torch::pickle::{Dict, Value};

use super::Schedule;
use super::error::Result;
use super::rates::LastLr;
use crate::optimizer::ParamGroup;

/// What a schedule that follows a metric does with it, and what it has to remember.
pub(super) trait MetricRule: Clone + Debug + Send {
    /// Sets the rates by a metric.
    fn step(&mut self, groups: &mut [ParamGroup], metric: f64);

    /// All that is remembered, and the rates that were last set, in the form of Python's schedule.
    fn state_dict(&self, last_lr: &[f64]) -> Dict;

    /// Takes over what [`state_dict`](Self::state_dict) or Python gave, but for the rates. May leave half of it changed where it errs.
    fn load_state_dict(&mut self, state: &Dict) -> Result<()>;
}

/// The schedule of a rule.
#[derive(Clone, Debug)]
pub(super) struct MetricSchedule<R> {
    rule: R,
    last_lr: LastLr,
}

impl<R: MetricRule> MetricSchedule<R> {
    pub(super) fn new(rule: R, groups: &[ParamGroup]) -> Self {
        Self {
            rule,
            last_lr: LastLr::of(groups),
        }
    }
}

impl<R: MetricRule> Schedule for MetricSchedule<R> {
    /// Does nothing: the rates wait for a metric.
    fn step(&mut self, groups: &mut [ParamGroup]) -> Result<()> {
        self.last_lr.check(groups)
    }

    fn follows_metric(&self) -> bool {
        true
    }

    fn step_metric(&mut self, groups: &mut [ParamGroup], metric: f64) -> Result<()> {
        self.last_lr.check(groups)?;
        self.rule.step(groups, metric);
        self.last_lr = LastLr::of(groups);
        Ok(())
    }

    fn get_last_lr(&self) -> &[f64] {
        self.last_lr.as_slice()
    }

    fn state_dict(&self) -> Value {
        self.rule.state_dict(self.last_lr.as_slice()).into()
    }

    fn load_state_dict(&mut self, state: &Value, groups: &mut [ParamGroup]) -> Result<()> {
        self.last_lr.check(groups)?;
        let state = state.as_dict().ok_or_else(|| state.unexpected("a dict"))?;
        let (last_lr, mut rule) = (self.last_lr.read(state)?, self.rule.clone());
        rule.load_state_dict(state)?;
        *self = Self { rule, last_lr };
        self.last_lr.set(groups);
        Ok(())
    }
}

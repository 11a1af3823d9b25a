//! Smaller whenever a metric stops improving.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use trainer_torch::pickle::{Dict, Value};

use super::arguments::{OneOrEach, read, refused};
use super::error::Result;
use super::metric::{Comparison, Mode, ThresholdMode, integer, list, number, numbers};
use super::metric_schedule::MetricRule;
use crate::SchedulerType;
use crate::optimizer::ParamGroup;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Arguments {
    mode: Mode,
    factor: f64,
    patience: i64,
    threshold: f64,
    threshold_mode: ThresholdMode,
    cooldown: i64,
    min_lr: OneOrEach,
    eps: f64,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            mode: Mode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: OneOrEach::One(0.0),
            eps: 1e-8,
        }
    }
}

/// `torch.optim.lr_scheduler.ReduceLROnPlateau`.
#[derive(Clone, Debug)]
pub(super) struct ReduceLrOnPlateau {
    factor: f64,
    default_min_lr: Option<f64>,
    min_lrs: Vec<f64>,
    patience: i64,
    cooldown: i64,
    eps: f64,
    last_epoch: i64,
    comparison: Comparison,
    best: f64,
    cooldown_counter: i64,
    num_bad_epochs: i64,
}

impl ReduceLrOnPlateau {
    pub(super) fn new(groups: usize, arguments: &Map<String, Json>) -> Result<Self> {
        const KIND: SchedulerType = SchedulerType::ReduceLrOnPlateau;
        let Arguments {
            mode,
            factor,
            patience,
            threshold,
            threshold_mode,
            cooldown,
            min_lr,
            eps,
        } = read(KIND, arguments)?;
        if factor.is_nan() || factor >= 1.0 {
            return Err(refused(
                KIND,
                format!("factor is {factor}, it must be below 1"),
            ));
        }
        Ok(Self {
            factor,
            default_min_lr: match min_lr {
                OneOrEach::One(number) => Some(number),
                OneOrEach::Each(_) => None,
            },
            min_lrs: min_lr.for_groups(KIND, "min_lr", groups)?,
            patience,
            cooldown,
            eps,
            last_epoch: 0,
            comparison: Comparison {
                mode,
                threshold,
                threshold_mode,
            },
            best: mode.worst(),
            cooldown_counter: 0,
            num_bad_epochs: 0,
        })
    }

    fn reduce(&self, groups: &mut [ParamGroup]) {
        for (group, &min_lr) in groups.iter_mut().zip(&self.min_lrs) {
            let lr = (group.lr * self.factor).max(min_lr);
            if group.lr - lr > self.eps {
                group.lr = lr;
            }
        }
    }
}

impl MetricRule for ReduceLrOnPlateau {
    fn step(&mut self, groups: &mut [ParamGroup], metric: f64) {
        self.last_epoch += 1;
        if self.comparison.is_better(metric, self.best) {
            self.best = metric;
            self.num_bad_epochs = 0;
        } else {
            self.num_bad_epochs += 1;
        }
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.num_bad_epochs = 0;
        }
        if self.num_bad_epochs > self.patience {
            self.reduce(groups);
            self.cooldown_counter = self.cooldown;
            self.num_bad_epochs = 0;
        }
    }

    fn state_dict(&self, last_lr: &[f64]) -> Dict {
        Dict::new()
            .with("factor", self.factor)
            .with("default_min_lr", self.default_min_lr)
            .with("min_lrs", list(&self.min_lrs))
            .with("patience", self.patience)
            .with("cooldown", self.cooldown)
            .with("eps", self.eps)
            .with("last_epoch", self.last_epoch)
            .with("_last_lr", list(last_lr))
            .with("mode_worse", self.comparison.mode.worst())
            .with("mode", self.comparison.mode.as_str())
            .with("threshold", self.comparison.threshold)
            .with("threshold_mode", self.comparison.threshold_mode.as_str())
            .with("best", self.best)
            .with("cooldown_counter", self.cooldown_counter)
            .with("num_bad_epochs", self.num_bad_epochs)
    }

    fn load_state_dict(&mut self, state: &Dict) -> Result<()> {
        *self = Self {
            factor: number(state, "factor", self.factor)?,
            default_min_lr: state
                .get("default_min_lr")
                .map_or(self.default_min_lr, Value::as_f64),
            min_lrs: numbers(state, "min_lrs", &self.min_lrs)?,
            patience: integer(state, "patience", self.patience)?,
            cooldown: integer(state, "cooldown", self.cooldown)?,
            eps: number(state, "eps", self.eps)?,
            last_epoch: integer(state, "last_epoch", self.last_epoch)?,
            comparison: self.comparison.updated(state)?,
            best: number(state, "best", self.best)?,
            cooldown_counter: integer(state, "cooldown_counter", self.cooldown_counter)?,
            num_bad_epochs: integer(state, "num_bad_epochs", self.num_bad_epochs)?,
        };
        Ok(())
    }
}

//! Up while a metric improves, down while it does not.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use trainer_torch::PickleError;
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
    warmup: i64,
    min_lr: OneOrEach,
    max_lr: OneOrEach,
    eps: f64,
    verbose: bool,
    smooth: bool,
    window_size: usize,
    reset_start: i64,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            mode: Mode::Min,
            factor: 0.95,
            patience: 10,
            threshold: 1e-6,
            threshold_mode: ThresholdMode::Abs,
            cooldown: 0,
            warmup: 0,
            min_lr: OneOrEach::One(1e-3),
            max_lr: OneOrEach::One(1.0),
            eps: 1e-8,
            verbose: false,
            smooth: false,
            window_size: 50,
            reset_start: 500,
        }
    }
}

/// `transformers.optimization.GreedyLR` ([arXiv 2512.14527](https://arxiv.org/abs/2512.14527)).
#[derive(Clone, Debug)]
pub(super) struct Greedy {
    factor: f64,
    min_lrs: Vec<f64>,
    max_lrs: Vec<f64>,
    patience: i64,
    verbose: bool,
    cooldown: i64,
    warmup: i64,
    cooldown_counter: i64,
    warmup_counter: i64,
    comparison: Comparison,
    best: f64,
    num_bad_epochs: i64,
    num_good_epochs: i64,
    eps: f64,
    last_epoch: i64,
    smooth: bool,
    window: Window,
    reset_start: i64,
    reset_start_original: i64,
    init_lrs: Vec<f64>,
}

impl Greedy {
    pub(super) fn new(groups: &[ParamGroup], arguments: &Map<String, Json>) -> Result<Self> {
        const KIND: SchedulerType = SchedulerType::Greedy;
        let arguments: Arguments = read(KIND, arguments)?;
        let factor = arguments.factor;
        if !(factor < 1.0 && factor > 0.0) {
            return Err(refused(
                KIND,
                format!("factor is {factor}, it must be above 0 and below 1"),
            ));
        }
        Ok(Self {
            factor,
            min_lrs: arguments.min_lr.for_groups(KIND, "min_lr", groups.len())?,
            max_lrs: arguments.max_lr.for_groups(KIND, "max_lr", groups.len())?,
            patience: arguments.patience,
            verbose: arguments.verbose,
            cooldown: arguments.cooldown,
            warmup: arguments.warmup,
            cooldown_counter: 0,
            warmup_counter: 0,
            comparison: Comparison {
                mode: arguments.mode,
                threshold: arguments.threshold,
                threshold_mode: arguments.threshold_mode,
            },
            best: arguments.mode.worst(),
            num_bad_epochs: 0,
            num_good_epochs: 0,
            eps: arguments.eps,
            last_epoch: 0,
            smooth: arguments.smooth,
            window: Window {
                size: arguments.window_size,
                ..Window::default()
            },
            reset_start: arguments.reset_start,
            reset_start_original: arguments.reset_start,
            init_lrs: groups.iter().map(|group| group.lr).collect(),
        })
    }

    fn count(&mut self, value: f64) {
        if self.comparison.is_better(value, self.best) {
            self.best = value;
            self.num_bad_epochs = 0;
            self.num_good_epochs += 1;
        } else {
            self.num_bad_epochs += 1;
            self.num_good_epochs = 0;
        }
    }

    fn increase(&mut self, groups: &mut [ParamGroup]) {
        for (group, &max_lr) in groups.iter_mut().zip(&self.max_lrs) {
            let lr = (group.lr / self.factor).min(max_lr);
            if lr - group.lr > self.eps {
                group.lr = lr;
            }
        }
        self.reset_start = self.reset_start_original;
    }

    fn reduce(&mut self, groups: &mut [ParamGroup]) {
        let mut all_at_min = true;
        for (group, &min_lr) in groups.iter_mut().zip(&self.min_lrs) {
            let lr = (group.lr * self.factor).max(min_lr);
            if group.lr - lr > self.eps {
                group.lr = lr;
            }
            all_at_min &= group.lr <= min_lr;
        }
        if all_at_min {
            self.reset_start -= 1;
            if self.reset_start <= 0 {
                self.reset(groups);
            }
        }
    }

    fn reset(&mut self, groups: &mut [ParamGroup]) {
        for (group, &lr) in groups.iter_mut().zip(&self.init_lrs) {
            group.lr = lr;
        }
        self.best = self.comparison.mode.worst();
        (self.num_bad_epochs, self.num_good_epochs) = (0, 0);
        (self.cooldown_counter, self.warmup_counter) = (0, 0);
        self.reset_start = self.reset_start_original;
        self.window = Window {
            size: self.window.size,
            ..Window::default()
        };
    }
}

impl MetricRule for Greedy {
    fn step(&mut self, groups: &mut [ParamGroup], metric: f64) {
        let value = if self.smooth {
            self.window.average_with(metric)
        } else {
            metric
        };
        self.last_epoch += 1;
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            (self.num_bad_epochs, self.num_good_epochs) = (0, 0);
        } else if self.warmup_counter > 0 {
            self.warmup_counter -= 1;
            (self.num_bad_epochs, self.num_good_epochs) = (0, 0);
        } else {
            self.count(value);
            if self.num_good_epochs > self.patience {
                self.increase(groups);
                self.warmup_counter = self.warmup;
                self.num_good_epochs = 0;
            } else if self.num_bad_epochs > self.patience {
                self.reduce(groups);
                self.cooldown_counter = self.cooldown;
                self.num_bad_epochs = 0;
            }
        }
    }

    fn state_dict(&self, last_lr: &[f64]) -> Dict {
        let mut state = Dict::new()
            .with("factor", self.factor)
            .with("min_lrs", list(&self.min_lrs))
            .with("max_lrs", list(&self.max_lrs))
            .with("patience", self.patience)
            .with("verbose", self.verbose)
            .with("cooldown", self.cooldown)
            .with("warmup", self.warmup)
            .with("cooldown_counter", self.cooldown_counter)
            .with("warmup_counter", self.warmup_counter)
            .with("mode", self.comparison.mode.as_str())
            .with("threshold", self.comparison.threshold)
            .with("threshold_mode", self.comparison.threshold_mode.as_str())
            .with("best", self.best)
            .with("num_bad_epochs", self.num_bad_epochs)
            .with("num_good_epochs", self.num_good_epochs)
            .with("eps", self.eps)
            .with("last_epoch", self.last_epoch)
            .with("smooth", self.smooth)
            .with("window_size", self.window.size_as_i64())
            .with("reset_start", self.reset_start)
            .with("reset_start_original", self.reset_start_original)
            .with("_last_lr", list(last_lr))
            .with("_init_lrs", list(&self.init_lrs));
        if self.smooth {
            state.push("_streaming_avg", self.window.state_dict());
        }
        state
    }

    fn load_state_dict(&mut self, state: &Dict) -> Result<()> {
        let flag = |key, current: bool| state.get(key).and_then(Value::as_bool).unwrap_or(current);
        *self = Self {
            factor: number(state, "factor", self.factor)?,
            min_lrs: numbers(state, "min_lrs", &self.min_lrs)?,
            max_lrs: numbers(state, "max_lrs", &self.max_lrs)?,
            patience: integer(state, "patience", self.patience)?,
            verbose: flag("verbose", self.verbose),
            cooldown: integer(state, "cooldown", self.cooldown)?,
            warmup: integer(state, "warmup", self.warmup)?,
            cooldown_counter: integer(state, "cooldown_counter", self.cooldown_counter)?,
            warmup_counter: integer(state, "warmup_counter", self.warmup_counter)?,
            comparison: self.comparison.updated(state)?,
            best: number(state, "best", self.best)?,
            num_bad_epochs: integer(state, "num_bad_epochs", self.num_bad_epochs)?,
            num_good_epochs: integer(state, "num_good_epochs", self.num_good_epochs)?,
            eps: number(state, "eps", self.eps)?,
            last_epoch: integer(state, "last_epoch", self.last_epoch)?,
            smooth: flag("smooth", self.smooth),
            window: self.window.loaded(state)?,
            reset_start: integer(state, "reset_start", self.reset_start)?,
            reset_start_original: integer(
                state,
                "reset_start_original",
                self.reset_start_original,
            )?,
            init_lrs: numbers(state, "_init_lrs", &self.init_lrs)?,
        };
        Ok(())
    }
}

/// The mean of the last values.
#[derive(Clone, Debug, Default)]
struct Window {
    size: usize,
    values: Vec<f64>,
    sum: f64,
}

impl Window {
    #[expect(clippy::cast_precision_loss, reason = "windows are small")]
    fn average_with(&mut self, value: f64) -> f64 {
        self.values.push(value);
        self.sum += value;
        if self.values.len() > self.size.max(1) {
            self.sum -= self.values.remove(0);
        }
        self.sum / self.values.len() as f64
    }

    fn size_as_i64(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }

    fn state_dict(&self) -> Dict {
        Dict::new()
            .with("window_size", self.size_as_i64())
            .with("values", list(&self.values))
            .with("sum", self.sum)
    }

    fn loaded(&self, state: &Dict) -> Result<Self, PickleError> {
        let size_in = |dict: &Dict| -> Result<usize, PickleError> {
            let size = integer(dict, "window_size", self.size_as_i64())?;
            usize::try_from(size)
                .map_err(|_| Value::Int(size).unexpected("a size as \"window_size\""))
        };
        let Some(average) = state.get("_streaming_avg").and_then(Value::as_dict) else {
            return Ok(Self {
                size: size_in(state)?,
                ..self.clone()
            });
        };
        let values = average
            .get("values")
            .and_then(Value::as_slice)
            .unwrap_or_default();
        let values = values.iter().map(|value| {
            value
                .as_f64()
                .ok_or_else(|| value.unexpected("a number in \"values\""))
        });
        Ok(Self {
            size: size_in(average)?,
            values: values.collect::<Result<_, _>>()?,
            sum: number(average, "sum", 0.0)?,
        })
    }
}

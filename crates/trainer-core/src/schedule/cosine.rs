//! Cosines.

use std::f64::consts::PI;
use std::sync::Arc;

use serde::Deserialize;

use super::arguments::refused;
use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;
use super::linear::{progress, warm_up};
use crate::SchedulerType;

/// Waves of a cosine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cosine {
    num_cycles: f64,
}

impl Default for Cosine {
    fn default() -> Self {
        Self { num_cycles: 0.5 }
    }
}

impl Formula for Cosine {
    fn factor(self, plan: Plan) -> Result<Factor> {
        Ok(with_floor(plan, self.num_cycles, 0.0))
    }
}

fn with_floor(Plan { warmup, total, .. }: Plan, num_cycles: f64, floor: f64) -> Factor {
    Arc::new(move |step| {
        warm_up(step, warmup)
            .unwrap_or_else(|| wave(progress(step, warmup, total), num_cycles, floor))
    })
}

/// From 1 down to `floor` in the first half of a wave; `num_cycles` waves while `progress` goes from 0 to 1.
fn wave(progress: f64, num_cycles: f64, floor: f64) -> f64 {
    let factor = 0.5 * (1.0 + (PI * num_cycles * 2.0 * progress).cos());
    (factor * (1.0 - floor) + floor).max(0.0)
}

/// Half cosines, each starting anew from the top.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CosineWithRestarts {
    num_cycles: f64,
}

impl Default for CosineWithRestarts {
    fn default() -> Self {
        Self { num_cycles: 1.0 }
    }
}

impl Formula for CosineWithRestarts {
    fn factor(self, Plan { warmup, total, .. }: Plan) -> Result<Factor> {
        Ok(Arc::new(move |step| {
            if let Some(factor) = warm_up(step, warmup) {
                return factor;
            }
            let progress = progress(step, warmup, total);
            if progress >= 1.0 {
                return 0.0;
            }
            (0.5 * (1.0 + (PI * ((self.num_cycles * progress) % 1.0)).cos())).max(0.0)
        }))
    }
}

/// The smallest rate, itself or as a share of the first.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CosineWithMinLr {
    #[serde(default = "half")]
    num_cycles: f64,
    min_lr: Option<f64>,
    min_lr_rate: Option<f64>,
}

/// The same, with another warm-up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CosineWarmupWithMinLr {
    #[serde(default = "half")]
    num_cycles: f64,
    min_lr: Option<f64>,
    min_lr_rate: Option<f64>,
    warmup_lr_rate: Option<f64>,
}

fn half() -> f64 {
    0.5
}

/// The smallest rate as a share of `lr`.
fn floor(
    kind: SchedulerType,
    min_lr: Option<f64>,
    min_lr_rate: Option<f64>,
    lr: f64,
) -> Result<f64> {
    match (min_lr, min_lr_rate) {
        (Some(_), Some(_)) => Err(refused(
            kind,
            "only one of min_lr and min_lr_rate may be set",
        )),
        (Some(min_lr), None) => Ok(min_lr / lr),
        (None, Some(rate)) => Ok(rate),
        (None, None) => Err(refused(kind, "one of min_lr and min_lr_rate has to be set")),
    }
}

impl Formula for CosineWithMinLr {
    fn factor(self, plan: Plan) -> Result<Factor> {
        const KIND: SchedulerType = SchedulerType::CosineWithMinLr;
        let floor = floor(KIND, self.min_lr, self.min_lr_rate, plan.lr)?;
        Ok(with_floor(plan, self.num_cycles, floor))
    }
}

impl Formula for CosineWarmupWithMinLr {
    fn factor(self, Plan { lr, warmup, total }: Plan) -> Result<Factor> {
        const KIND: SchedulerType = SchedulerType::CosineWarmupWithMinLr;
        let floor = floor(KIND, self.min_lr, self.min_lr_rate, lr)?;
        Ok(Arc::new(move |step| {
            if step < warmup {
                return match self.warmup_lr_rate {
                    None => (step + 1.0) / warmup.max(1.0),
                    Some(rate) => rate + (1.0 - rate) * step / (warmup - 1.0).max(1.0),
                };
            }
            let progress = (step - warmup + 1.0) / (total - warmup).max(1.0);
            wave(progress, self.num_cycles, floor)
        }))
    }
}

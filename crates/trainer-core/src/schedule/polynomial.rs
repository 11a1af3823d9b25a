//! A power of the remaining steps.

use serde::Deserialize;

use super::arguments::refused;
use super::error::Result;
use super::linear::warm_up;
use crate::SchedulerType;
use crate::optimizer::pow;

/// The last rate, and the power.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Polynomial {
    lr_end: f64,
    power: f64,
}

impl Default for Polynomial {
    fn default() -> Self {
        Self {
            lr_end: 1e-7,
            power: 1.0,
        }
    }
}

impl Polynomial {
    pub(super) fn check(&self, lr: f64) -> Result<()> {
        if lr > self.lr_end {
            return Ok(());
        }
        let reason = format!(
            "lr_end is {}, it must be smaller than the learning rate, {lr}",
            self.lr_end
        );
        Err(refused(SchedulerType::Polynomial, reason))
    }

    /// Down from `lr` to `lr_end` at the last step, as a share of `lr`. Where Python divides by zero, with no step after the
    /// warm-up, it is at the end.
    pub(super) fn factor(&self, lr: f64, step: f64, warmup: f64, total: f64) -> f64 {
        if let Some(factor) = warm_up(step, warmup) {
            return factor;
        }
        if step > total || total <= warmup {
            return self.lr_end / lr;
        }
        let remaining = 1.0 - (step - warmup) / (total - warmup);
        ((lr - self.lr_end) * pow(remaining, self.power) + self.lr_end) / lr
    }
}

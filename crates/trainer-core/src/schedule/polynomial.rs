//! A power of the remaining steps.

use std::sync::Arc;

use serde::Deserialize;

use super::arguments::refused;
use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;
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

impl Formula for Polynomial {
    /// Down from `lr` to `lr_end` at the last step, as a share of `lr`. Where Python divides by zero, with no step after the
    /// warm-up, it is at the end.
    fn factor(self, Plan { lr, warmup, total }: Plan) -> Result<Factor> {
        let Self { lr_end, power } = self;
        if lr.is_nan() || lr_end.is_nan() || lr <= lr_end {
            let reason =
                format!("lr_end is {lr_end}, it must be smaller than the learning rate, {lr}");
            return Err(refused(SchedulerType::Polynomial, reason));
        }
        Ok(Arc::new(move |step| {
            if let Some(factor) = warm_up(step, warmup) {
                return factor;
            }
            if step > total || total <= warmup {
                return lr_end / lr;
            }
            let remaining = 1.0 - (step - warmup) / (total - warmup);
            ((lr - lr_end) * pow(remaining, power) + lr_end) / lr
        }))
    }
}

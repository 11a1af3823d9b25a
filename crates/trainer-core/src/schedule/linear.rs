//! Straight lines: the warm-up of nearly all schedules, and those that are nothing else.

use std::sync::Arc;

use serde::Deserialize;

use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;

/// Down to 0 at the last step, after a warm-up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Linear {}

impl Formula for Linear {
    fn factor(self, Plan { warmup, total, .. }: Plan) -> Result<Factor> {
        Ok(Arc::new(move |step| {
            warm_up(step, warmup)
                .unwrap_or_else(|| ((total - step) / (total - warmup).max(1.0)).max(0.0))
        }))
    }
}

/// Warm-up from 0 to 1; `None` once it is over.
pub(super) fn warm_up(step: f64, warmup: f64) -> Option<f64> {
    (step < warmup).then(|| step / warmup.max(1.0))
}

/// How much of the steps after the warm-up is done: 0 at their start, 1 at the end, above 1 later.
pub(super) fn progress(step: f64, warmup: f64, total: f64) -> f64 {
    (step - warmup) / (total - warmup).max(1.0)
}

//! The inverse square root of the step.

use std::sync::Arc;

use serde::Deserialize;

use super::arguments::refused;
use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;
use super::linear::warm_up;
use crate::SchedulerType;

/// Steps after which the rate is at 1 over the square root of 2, counted from the end of the warm-up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InverseSqrt {
    timescale: Option<f64>,
}

impl Formula for InverseSqrt {
    fn factor(self, Plan { warmup, .. }: Plan) -> Result<Factor> {
        let default = if warmup == 0.0 { 10_000.0 } else { warmup };
        let timescale = self.timescale.unwrap_or(default);
        if timescale.is_nan() || timescale <= 0.0 {
            let reason = format!("timescale is {timescale}, it must be above 0");
            return Err(refused(SchedulerType::InverseSqrt, reason));
        }
        Ok(Arc::new(move |step| {
            warm_up(step, warmup).unwrap_or_else(|| {
                let shift = timescale - warmup;
                1.0 / ((step + shift) / timescale).sqrt()
            })
        }))
    }
}

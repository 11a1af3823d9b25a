//! Up, constant, down.

use std::f64::consts::PI;
use std::sync::Arc;

use serde::Deserialize;

use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;

/// Steps of each phase, and the form of the slopes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WarmupStableDecay {
    num_decay_steps: u64,
    num_stable_steps: Option<u64>,
    #[serde(default = "linear")]
    warmup_type: Slope,
    #[serde(default = "cosine")]
    decay_type: Slope,
    #[serde(default)]
    min_lr_ratio: f64,
    #[serde(default = "half")]
    num_cycles: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Slope {
    #[serde(rename = "linear")]
    Linear,
    #[serde(rename = "cosine")]
    Cosine,
    #[serde(rename = "1-sqrt")]
    OneMinusSqrt,
}

fn linear() -> Slope {
    Slope::Linear
}

fn cosine() -> Slope {
    Slope::Cosine
}

fn half() -> f64 {
    0.5
}

impl Formula for WarmupStableDecay {
    fn factor(self, Plan { warmup, total, .. }: Plan) -> Result<Factor> {
        Ok(Arc::new(move |step| self.at(step, warmup, total)))
    }
}

impl WarmupStableDecay {
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    fn at(&self, step: f64, warmup: f64, total: f64) -> f64 {
        let decay_steps = self.num_decay_steps as f64;
        let stable_steps = self
            .num_stable_steps
            .map_or(total - warmup - decay_steps, |steps| steps as f64);
        let bounded =
            |factor: f64| (factor * (1.0 - self.min_lr_ratio) + self.min_lr_ratio).max(0.0);
        if step < warmup {
            let progress = step / warmup.max(1.0);
            return bounded(match self.warmup_type {
                Slope::Linear => progress,
                Slope::Cosine => 0.5 * (1.0 - (PI * progress).cos()),
                Slope::OneMinusSqrt => 1.0 - (1.0 - progress).sqrt(),
            });
        }
        if step < warmup + stable_steps {
            return 1.0;
        }
        if step < warmup + stable_steps + decay_steps {
            let progress = (step - warmup - stable_steps) / decay_steps.max(1.0);
            return bounded(match self.decay_type {
                Slope::Linear => 1.0 - progress,
                Slope::Cosine => 0.5 * (1.0 + (PI * self.num_cycles * 2.0 * progress).cos()),
                Slope::OneMinusSqrt => 1.0 - progress.sqrt(),
            });
        }
        self.min_lr_ratio
    }
}

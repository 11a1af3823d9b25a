//! Schedules that scale the first rate by a function of the step.

use serde_json::{Map, Value};

use super::arguments::{NoArguments, read, refused};
use super::cosine::{Cosine, CosineWarmupWithMinLr, CosineWithMinLr, CosineWithRestarts};
use super::error::Result;
use super::inverse_sqrt::InverseSqrt;
use super::linear::{linear, warm_up};
use super::polynomial::Polynomial;
use super::warmup_stable_decay::WarmupStableDecay;
use crate::SchedulerType;

#[derive(Clone, Debug)]
enum Form {
    Linear,
    Constant,
    ConstantWithWarmup,
    Cosine(Cosine),
    CosineWithRestarts(CosineWithRestarts),
    CosineWithMinLr(CosineWithMinLr, f64),
    CosineWarmupWithMinLr(CosineWarmupWithMinLr, f64),
    Polynomial(Polynomial, f64),
    InverseSqrt(InverseSqrt),
    WarmupStableDecay(WarmupStableDecay),
}

/// A factor for each step.
#[derive(Clone, Debug)]
pub(super) struct Lambda {
    form: Form,
    warmup: f64,
    total: f64,
}

impl Lambda {
    /// Reads the keyword arguments; `lr` is the rate that the factor scales.
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    pub(super) fn new(
        kind: SchedulerType,
        lr: f64,
        (warmup, total): (u64, u64),
        arguments: &Map<String, Value>,
    ) -> Result<Self> {
        let form = match kind {
            SchedulerType::Linear => read::<NoArguments>(kind, arguments).map(|_| Form::Linear)?,
            SchedulerType::Constant => {
                read::<NoArguments>(kind, arguments).map(|_| Form::Constant)?
            }
            SchedulerType::ConstantWithWarmup => {
                read::<NoArguments>(kind, arguments).map(|_| Form::ConstantWithWarmup)?
            }
            SchedulerType::Cosine => Form::Cosine(read(kind, arguments)?),
            SchedulerType::CosineWithRestarts => Form::CosineWithRestarts(read(kind, arguments)?),
            SchedulerType::CosineWithMinLr => {
                let cosine: CosineWithMinLr = read(kind, arguments)?;
                let floor = cosine.floor(lr)?;
                Form::CosineWithMinLr(cosine, floor)
            }
            SchedulerType::CosineWarmupWithMinLr => {
                let cosine: CosineWarmupWithMinLr = read(kind, arguments)?;
                let floor = cosine.floor(lr)?;
                Form::CosineWarmupWithMinLr(cosine, floor)
            }
            SchedulerType::Polynomial => {
                let polynomial: Polynomial = read(kind, arguments)?;
                polynomial.check(lr)?;
                Form::Polynomial(polynomial, lr)
            }
            SchedulerType::InverseSqrt => {
                let inverse: InverseSqrt = read(kind, arguments)?;
                inverse.check()?;
                Form::InverseSqrt(inverse)
            }
            SchedulerType::WarmupStableDecay => Form::WarmupStableDecay(read(kind, arguments)?),
            SchedulerType::ReduceLrOnPlateau | SchedulerType::Greedy => {
                return Err(refused(kind, "follows a metric, not the step"));
            }
        };
        Ok(Self {
            form,
            warmup: warmup as f64,
            total: total as f64,
        })
    }

    /// The factor after `step` steps.
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    pub(super) fn factor(&self, step: i64) -> f64 {
        let (step, warmup, total) = (step as f64, self.warmup, self.total);
        match &self.form {
            Form::Linear => linear(step, warmup, total),
            Form::Constant => 1.0,
            Form::ConstantWithWarmup => warm_up(step, warmup).unwrap_or(1.0),
            Form::Cosine(cosine) => cosine.factor(step, warmup, total),
            Form::CosineWithRestarts(cosine) => cosine.factor(step, warmup, total),
            Form::CosineWithMinLr(cosine, floor) => cosine.factor(*floor, step, warmup, total),
            Form::CosineWarmupWithMinLr(cosine, floor) => {
                cosine.factor(*floor, step, warmup, total)
            }
            Form::Polynomial(polynomial, lr) => polynomial.factor(*lr, step, warmup, total),
            Form::InverseSqrt(inverse) => inverse.factor(step, warmup),
            Form::WarmupStableDecay(phases) => phases.factor(step, warmup, total),
        }
    }

    /// Whether Python writes this schedule as a plain function: `None` in its state, else an empty dict.
    pub(super) fn is_plain_function(&self) -> bool {
        matches!(self.form, Form::Constant)
    }
}

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::arguments::read;
use super::error::Result;
use super::lambda::Factor;
use super::{LambdaLr, Schedule};
use crate::SchedulerType;
use crate::optimizer::ParamGroup;

/// What all formulas know beside their own arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The rate that the factor scales.
    pub(super) lr: f64,
    /// Steps of the warm-up.
    pub(super) warmup: f64,
    /// Steps of the training.
    pub(super) total: f64,
}

/// A factor of the rate for each step, whose keyword arguments the type holds.
pub(super) trait Formula: DeserializeOwned {
    /// Checks the arguments; gives the factor after a number of steps.
    fn factor(self, plan: Plan) -> Result<Factor>;
}

/// The schedule by a formula: reads its keyword arguments and sets the groups' rates to those of the first step.
#[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
pub(super) fn by_formula<F: Formula>(
    kind: SchedulerType,
    arguments: &Map<String, Value>,
    (warmup, total): (u64, u64),
    groups: &mut [ParamGroup],
) -> Result<Box<dyn Schedule>> {
    let formula: F = read(kind, arguments)?;
    let lr = groups
        .first()
        .map_or(0.0, |group| group.initial_lr.unwrap_or(group.lr));
    let plan = Plan {
        lr,
        warmup: warmup as f64,
        total: total as f64,
    };
    Ok(Box::new(LambdaLr::partial(formula.factor(plan)?, groups)))
}

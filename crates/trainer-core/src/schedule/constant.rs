//! The first rate throughout.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::arguments::read;
use super::error::Result;
use super::formula::{Formula, Plan};
use super::lambda::Factor;
use super::linear::warm_up;
use super::{LambdaLr, Schedule};
use crate::SchedulerType;
use crate::optimizer::ParamGroup;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

/// No change. Python's factor is a function here, where those of all other formulas are a `functools.partial`.
pub(super) fn constant(
    arguments: &Map<String, Value>,
    groups: &mut [ParamGroup],
) -> Result<Box<dyn Schedule>> {
    let NoArguments {} = read(SchedulerType::Constant, arguments)?;
    Ok(Box::new(LambdaLr::new(|_| 1.0, groups)))
}

/// No change after a warm-up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstantWithWarmup {}

impl Formula for ConstantWithWarmup {
    fn factor(self, Plan { warmup, .. }: Plan) -> Result<Factor> {
        Ok(Arc::new(move |step| warm_up(step, warmup).unwrap_or(1.0)))
    }
}

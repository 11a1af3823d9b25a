//! The optimizers by name: one row each.

use trainer_torch::pickle::Dict;

use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs, create};
use super::{
    AdafactorConfig, AdagradConfig, AdamWConfig, Optimizer, OptimizerError, ParamGroup,
    RmsPropConfig, SgdConfig, UpdateRule,
};
use crate::{OptimizerNames, TrainingArguments};

type Create =
    fn(Vec<ParamGroup>, &TrainingArguments, &mut OptimArgs) -> crate::Result<Box<dyn Optimizer>>;

/// An optimizer: its names among the arguments, how they make it, and how its states are told from others'.
pub(super) struct Row {
    optims: &'static [OptimizerNames],
    pub(super) create: Create,
    name: &'static str,
    options: fn() -> Dict,
}

const ROWS: [Row; 5] = [
    row::<AdamWConfig>(&[OptimizerNames::AdamwTorch, OptimizerNames::AdamwTorchFused]),
    row::<AdafactorConfig>(&[OptimizerNames::Adafactor]),
    row::<SgdConfig>(&[OptimizerNames::Sgd]),
    row::<AdagradConfig>(&[OptimizerNames::Adagrad]),
    row::<RmsPropConfig>(&[OptimizerNames::Rmsprop]),
];

const fn row<R: FromArguments>(optims: &'static [OptimizerNames]) -> Row {
    Row {
        optims,
        create: create::<R>,
        name: R::NAME,
        options: || R::default().options(),
    }
}

/// The optimizer that an argument names.
pub(super) fn named(optim: OptimizerNames) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.optims.contains(&optim))
}

/// Whether an argument names an optimizer of this crate.
pub(crate) fn is_named(optim: OptimizerNames) -> bool {
    named(optim).is_some()
}

/// Options of PyTorch's optimizers that say how a step is computed, not what: older versions do not write all of them.
const SWITCHES: [&str; 6] = [
    "maximize",
    "foreach",
    "capturable",
    "differentiable",
    "fused",
    "decoupled_weight_decay",
];

/// Refuses a group of a state dict that has the hyper-parameters of another optimizer of this crate.
pub(super) fn check_owner<R: UpdateRule>(rule: &R, saved: &Dict) -> Result<()> {
    let own = rule.options();
    let owner = ROWS.iter().find(|row| {
        let options = (row.options)();
        has_all(saved, &options) && !has_all(&own, &options)
    });
    match owner {
        Some(owner) => Err(OptimizerError::Optimizer {
            found: owner.name,
            expected: R::NAME,
        }),
        None => Ok(()),
    }
}

fn has_all(entries: &Dict, options: &Dict) -> bool {
    let mut keys = options.iter().filter_map(|(key, _)| key.as_str());
    keys.all(|key| SWITCHES.contains(&key) || entries.get(key).is_some())
}

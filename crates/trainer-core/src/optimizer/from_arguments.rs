use std::collections::BTreeMap;
use std::str::FromStr;

use trainer_models::Parameters;

use super::named::named;
use super::{Optimizer, ParamGroup, RuleOptimizer, UpdateRule, decay_parameter_groups};
use crate::{Error, OptimizerNames, Result, TrainingArguments};

/// The optimizer that the arguments ask for, over the weights that require a gradient: decayed ones and the rest.
///
/// # Errors
/// When `optim_args` has an option that the optimizer has not, or a value of the wrong kind.
pub fn create_optimizer(
    args: &TrainingArguments,
    parameters: &Parameters,
) -> Result<Box<dyn Optimizer>> {
    let groups = decay_parameter_groups(parameters, args.weight_decay, args.learning_rate);
    let mut options = OptimArgs::parse(args)?;
    let unknown = || Error::OptimArgs(format!("optim {} is not supported", args.optim));
    let named = named(args.optim).ok_or_else(unknown)?;
    let optimizer = (named.create)(groups, args, &mut options)?;
    options.finish(args.optim)?;
    Ok(optimizer)
}

/// A rule that the arguments can ask for.
pub(super) trait FromArguments: UpdateRule + Default + 'static {
    /// The rule with the hyper-parameters of the arguments; options of `optim_args` that it has are taken out.
    fn from_arguments(args: &TrainingArguments, options: &mut OptimArgs) -> Result<Self>;
}

/// The optimizer of a rule.
pub(super) fn create<R: FromArguments>(
    groups: Vec<ParamGroup>,
    args: &TrainingArguments,
    options: &mut OptimArgs,
) -> Result<Box<dyn Optimizer>> {
    let rule = R::from_arguments(args, options)?;
    Ok(Box::new(RuleOptimizer::new(groups, rule)?))
}

/// `optim_args`: `name=value` pairs between commas.
pub(super) struct OptimArgs(BTreeMap<String, String>);

impl OptimArgs {
    fn parse(args: &TrainingArguments) -> Result<Self> {
        let mut options = BTreeMap::new();
        let text = args
            .optim_args
            .as_deref()
            .unwrap_or_default()
            .replace(' ', "");
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Error::OptimArgs(format!("optim_args: expected name=value, found {pair:?}"))
            })?;
            options.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self(options))
    }

    pub(super) fn take<T: FromStr>(&mut self, name: &str, default: T) -> Result<T> {
        match self.0.remove(name) {
            None => Ok(default),
            Some(value) => value.parse().map_err(|_| {
                Error::OptimArgs(format!(
                    "optim_args: {name} is {value:?}, expected a number"
                ))
            }),
        }
    }

    pub(super) fn take_flag(&mut self, name: &str, default: bool) -> Result<bool> {
        let value = self.0.remove(name).map(|value| value.to_lowercase());
        match value.as_deref() {
            None => Ok(default),
            Some("true" | "yes" | "1") => Ok(true),
            Some("false" | "no" | "0") => Ok(false),
            Some(value) => Err(Error::OptimArgs(format!(
                "optim_args: {name} is {value:?}, expected true or false"
            ))),
        }
    }

    fn finish(self, optim: OptimizerNames) -> Result<()> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Error::OptimArgs(format!(
                "optim_args: {optim} has no option {name:?}"
            ))),
        }
    }
}

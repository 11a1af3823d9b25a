use std::collections::BTreeMap;
use std::str::FromStr;

use trainer_models::Parameters;

use super::{
    Adafactor, AdafactorConfig, Adagrad, AdagradConfig, AdamW, AdamWConfig, Optimizer, RmsProp,
    RmsPropConfig, Sgd, SgdConfig, decay_parameter_groups,
};
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
    let adamw = |fused| AdamWConfig {
        betas: (args.adam_beta1, args.adam_beta2),
        eps: args.adam_epsilon,
        fused,
    };
    let optimizer: Box<dyn Optimizer> = match args.optim {
        OptimizerNames::AdamwTorchFused => Box::new(AdamW::new(groups, adamw(true))?),
        OptimizerNames::AdamwTorch => Box::new(AdamW::new(groups, adamw(false))?),
        OptimizerNames::Adafactor => Box::new(Adafactor::new(groups, AdafactorConfig::default())?),
        OptimizerNames::Sgd => {
            let default = SgdConfig::default();
            let config = SgdConfig {
                momentum: options.take("momentum", default.momentum)?,
                dampening: options.take("dampening", default.dampening)?,
                nesterov: options.take_flag("nesterov", default.nesterov)?,
            };
            Box::new(Sgd::new(groups, config)?)
        }
        OptimizerNames::Adagrad => {
            let default = AdagradConfig::default();
            let config = AdagradConfig {
                lr_decay: options.take("lr_decay", default.lr_decay)?,
                eps: options.take("eps", default.eps)?,
                ..default
            };
            Box::new(Adagrad::new(groups, config)?)
        }
        OptimizerNames::Rmsprop => {
            let default = RmsPropConfig::default();
            let config = RmsPropConfig {
                momentum: options.take("momentum", default.momentum)?,
                alpha: options.take("alpha", default.alpha)?,
                eps: options.take("eps", default.eps)?,
                centered: options.take_flag("centered", default.centered)?,
            };
            Box::new(RmsProp::new(groups, config)?)
        }
        other => return Err(Error::OptimArgs(format!("optim {other} is not supported"))),
    };
    options.finish(args.optim)?;
    Ok(optimizer)
}

/// `optim_args`: `name=value` pairs between commas.
struct OptimArgs(BTreeMap<String, String>);

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

    fn take<T: FromStr>(&mut self, name: &str, default: T) -> Result<T> {
        match self.0.remove(name) {
            None => Ok(default),
            Some(value) => value.parse().map_err(|_| {
                Error::OptimArgs(format!(
                    "optim_args: {name} is {value:?}, expected a number"
                ))
            }),
        }
    }

    fn take_flag(&mut self, name: &str, default: bool) -> Result<bool> {
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

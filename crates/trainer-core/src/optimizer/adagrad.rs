use tch::{Device, Tensor};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::gradients::with_gradients;
use super::state_dict::{self, Options, Unpacked};
use super::{Optimizer, OptimizerError, ParamGroup};

/// Hyper-parameters of [`Adagrad`] beside learning rate and weight decay, which the groups hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdagradConfig {
    /// Decay of the learning rate, at least 0.
    pub lr_decay: f64,
    /// Added to the denominator, at least 0.
    pub eps: f64,
    /// What the sums of squares start with, at least 0.
    pub initial_accumulator_value: f64,
}

/// As `torch.optim.Adagrad`.
impl Default for AdagradConfig {
    fn default() -> Self {
        Self {
            lr_decay: 0.0,
            eps: 1e-10,
            initial_accumulator_value: 0.0,
        }
    }
}

struct State {
    step: Tensor,
    sum: Tensor,
}

/// Adagrad ([`torch.optim.Adagrad`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/adagrad.py)). Weight decay is
/// added to the gradient.
pub struct Adagrad {
    groups: Vec<ParamGroup>,
    configs: Vec<AdagradConfig>,
    states: Vec<Vec<State>>,
}

impl Adagrad {
    /// An optimizer of these groups; the sums of squares are made at once, as PyTorch does.
    ///
    /// # Errors
    /// When a hyper-parameter is out of range, or there is no memory for the state.
    pub fn new(groups: Vec<ParamGroup>, config: AdagradConfig) -> Result<Self> {
        check(&config)?;
        let state = |param: &Tensor| {
            let sum = param
                .f_full_like(config.initial_accumulator_value)?
                .f_detach()?;
            Ok(State {
                step: state_dict::step_tensor(0.0, Device::Cpu)?,
                sum,
            })
        };
        let of_group =
            |group: &ParamGroup| group.params.iter().map(state).collect::<Result<Vec<_>>>();
        let states = groups.iter().map(of_group).collect::<Result<_>>()?;
        let configs = vec![config; groups.len()];
        Ok(Self {
            groups,
            configs,
            states,
        })
    }
}

fn check(config: &AdagradConfig) -> Result<()> {
    let numbers = [
        ("lr_decay", config.lr_decay),
        ("eps", config.eps),
        (
            "initial_accumulator_value",
            config.initial_accumulator_value,
        ),
    ];
    match numbers
        .into_iter()
        .find(|(_, value)| value.is_nan() || *value < 0.0)
    {
        Some((name, value)) => Err(OptimizerError::Config {
            optimizer: "Adagrad",
            name,
            value: value.to_string(),
            expected: "at least 0",
        }),
        None => Ok(()),
    }
}

impl Optimizer for Adagrad {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, config), states) in self.groups.iter().zip(&self.configs).zip(&mut self.states)
        {
            for (index, param, grad) in with_gradients(group)? {
                states[index].step(&param, grad, group, config)?;
            }
        }
        Ok(())
    }

    fn param_groups(&self) -> &[ParamGroup] {
        &self.groups
    }

    fn param_groups_mut(&mut self) -> &mut [ParamGroup] {
        &mut self.groups
    }

    fn state_dict(&self) -> Result<Value> {
        let options = |group: usize| options(&self.configs[group]);
        Ok(state_dict::pack(&self.groups, options, |group, place| {
            let state = &self.states[group][place];
            Some(
                Dict::new()
                    .with("step", state.step.shallow_clone())
                    .with("sum", state.sum.shallow_clone()),
            )
        }))
    }

    fn load_state_dict(&mut self, state: &Value) -> Result<()> {
        let unpacked = Unpacked::new(state, &self.groups)?;
        let configs: Vec<AdagradConfig> = unpacked
            .groups
            .iter()
            .map(|entries| read(entries))
            .collect::<Result<_>>()?;
        let mut states = Vec::with_capacity(self.groups.len());
        for (group, entries) in self.groups.iter().zip(&unpacked.states) {
            let load =
                |(place, entry): (usize, &Option<&Dict>)| State::unpack(*entry, group, place);
            states.push(
                entries
                    .iter()
                    .enumerate()
                    .map(load)
                    .collect::<Result<Vec<_>>>()?,
            );
        }
        unpacked.apply_rates(&mut self.groups)?;
        (self.configs, self.states) = (configs, states);
        Ok(())
    }
}

impl State {
    /// `_single_tensor_adagrad` of PyTorch.
    fn step(
        &mut self,
        param: &Tensor,
        mut grad: Tensor,
        group: &ParamGroup,
        config: &AdagradConfig,
    ) -> Result<()> {
        let _ = self.step.f_add_scalar_(1.0)?;
        let step = self.step.f_double_value(&[])?;
        if group.weight_decay != 0.0 {
            grad = pointwise::add(&grad, param, group.weight_decay)?;
        }
        let lr = group.lr / (1.0 + (step - 1.0) * config.lr_decay);
        pointwise::addcmul_(&self.sum, &grad, &grad, 1.0)?;
        let deviation = self.sum.f_sqrt()?.f_add_scalar_(config.eps)?;
        Ok(pointwise::addcdiv_(param, &grad, &deviation, -lr)?)
    }

    fn unpack(entry: Option<&Dict>, group: &ParamGroup, place: usize) -> Result<Self> {
        let (param, name) = (&group.params[place], group.name(place));
        let entry = entry.ok_or_else(|| OptimizerError::State {
            parameter: name.to_owned(),
            key: "sum",
            found: "absent".to_owned(),
            expected: "a tensor".to_owned(),
        })?;
        Ok(Self {
            step: state_dict::step_tensor(state_dict::number(entry, "step")?, Device::Cpu)?,
            sum: state_dict::tensor(entry, "sum", name, param)?,
        })
    }
}

fn options(config: &AdagradConfig) -> Options {
    vec![
        ("lr_decay", config.lr_decay.into()),
        ("eps", config.eps.into()),
        (
            "initial_accumulator_value",
            config.initial_accumulator_value.into(),
        ),
        ("foreach", Value::None),
        ("maximize", false.into()),
        ("differentiable", false.into()),
        ("fused", Value::None),
    ]
}

fn read(entries: &Dict) -> Result<AdagradConfig> {
    state_dict::require_off(entries, &["maximize"])?;
    let config = AdagradConfig {
        lr_decay: state_dict::number(entries, "lr_decay")?,
        eps: state_dict::number(entries, "eps")?,
        initial_accumulator_value: state_dict::number(entries, "initial_accumulator_value")?,
    };
    check(&config)?;
    Ok(config)
}

use tch::Tensor;
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::gradients::with_gradients;
use super::state_dict::{self, Options, Unpacked};
use super::{Optimizer, OptimizerError, ParamGroup};

/// Hyper-parameters of [`Sgd`] beside learning rate and weight decay, which the groups hold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SgdConfig {
    /// Momentum, at least 0; 0 for none, which needs no state.
    pub momentum: f64,
    /// Dampening of the momentum.
    pub dampening: f64,
    /// Whether the momentum is Nesterov's; needs momentum and no dampening.
    pub nesterov: bool,
}

/// Stochastic gradient descent
/// ([`torch.optim.SGD`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/sgd.py)). Weight decay is added to the
/// gradient.
pub struct Sgd {
    groups: Vec<ParamGroup>,
    configs: Vec<SgdConfig>,
    momentum_buffers: Vec<Vec<Option<Tensor>>>,
}

impl Sgd {
    /// An optimizer of these groups.
    ///
    /// # Errors
    /// When a hyper-parameter is out of range.
    pub fn new(groups: Vec<ParamGroup>, config: SgdConfig) -> Result<Self> {
        check(&config)?;
        let momentum_buffers = groups
            .iter()
            .map(|group| group.params.iter().map(|_| None).collect())
            .collect();
        let configs = vec![config; groups.len()];
        Ok(Self {
            groups,
            configs,
            momentum_buffers,
        })
    }
}

fn check(config: &SgdConfig) -> Result<()> {
    let wrong = |name, value: String, expected| OptimizerError::Config {
        optimizer: "SGD",
        name,
        value,
        expected,
    };
    if config.momentum.is_nan() || config.momentum < 0.0 {
        return Err(wrong("momentum", config.momentum.to_string(), "at least 0"));
    }
    if config.nesterov && (config.momentum == 0.0 || config.dampening != 0.0) {
        return Err(wrong(
            "nesterov",
            config.nesterov.to_string(),
            "false without momentum or with dampening",
        ));
    }
    Ok(())
}

impl Optimizer for Sgd {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, config), buffers) in self
            .groups
            .iter()
            .zip(&self.configs)
            .zip(&mut self.momentum_buffers)
        {
            for (index, param, grad) in with_gradients(group)? {
                step(&param, grad, &mut buffers[index], group, config)?;
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
            let buffer = self.momentum_buffers[group][place].as_ref()?;
            Some(Dict::new().with("momentum_buffer", buffer.shallow_clone()))
        }))
    }

    fn load_state_dict(&mut self, state: &Value) -> Result<()> {
        let unpacked = Unpacked::new(state, &self.groups)?;
        let configs: Vec<SgdConfig> = unpacked
            .groups
            .iter()
            .map(|entries| read(entries))
            .collect::<Result<_>>()?;
        let mut loaded = Vec::with_capacity(self.groups.len());
        for (group, entries) in self.groups.iter().zip(&unpacked.states) {
            let load = |(place, entry): (usize, &Option<&Dict>)| {
                let buffer = entry.filter(|entry| {
                    !matches!(entry.get("momentum_buffer"), None | Some(Value::None))
                });
                let (param, name) = (&group.params[place], group.name(place));
                buffer
                    .map(|entry| state_dict::tensor(entry, "momentum_buffer", name, param))
                    .transpose()
            };
            loaded.push(
                entries
                    .iter()
                    .enumerate()
                    .map(load)
                    .collect::<Result<Vec<_>>>()?,
            );
        }
        unpacked.apply_rates(&mut self.groups)?;
        (self.configs, self.momentum_buffers) = (configs, loaded);
        Ok(())
    }
}

/// `_single_tensor_sgd` of PyTorch.
fn step(
    param: &Tensor,
    mut grad: Tensor,
    buffer: &mut Option<Tensor>,
    group: &ParamGroup,
    config: &SgdConfig,
) -> Result<()> {
    if group.weight_decay != 0.0 {
        grad = pointwise::add(&grad, param, group.weight_decay)?;
    }
    if config.momentum != 0.0 {
        let buffer = match buffer {
            Some(buffer) => {
                let _ = buffer.f_mul_scalar_(config.momentum)?;
                pointwise::add_(buffer, &grad, 1.0 - config.dampening)?;
                buffer
            }
            None => {
                let mut first = grad.f_empty_like()?;
                first.f_copy_(&grad)?;
                buffer.insert(first)
            }
        };
        grad = match config.nesterov {
            true => pointwise::add(&grad, buffer, config.momentum)?,
            false => buffer.shallow_clone(),
        };
    }
    Ok(pointwise::add_(param, &grad, -group.lr)?)
}

fn options(config: &SgdConfig) -> Options {
    vec![
        ("momentum", config.momentum.into()),
        ("dampening", config.dampening.into()),
        ("nesterov", config.nesterov.into()),
        ("maximize", false.into()),
        ("foreach", Value::None),
        ("differentiable", false.into()),
        ("fused", Value::None),
    ]
}

fn read(entries: &Dict) -> Result<SgdConfig> {
    state_dict::require_off(entries, &["maximize"])?;
    let config = SgdConfig {
        momentum: state_dict::number(entries, "momentum")?,
        dampening: state_dict::number(entries, "dampening")?,
        nesterov: state_dict::flag(entries, "nesterov"),
    };
    check(&config)?;
    Ok(config)
}

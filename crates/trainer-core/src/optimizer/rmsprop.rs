use tch::{Device, Tensor};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::gradients::with_gradients;
use super::state_dict::{self, Options, Unpacked};
use super::{Optimizer, OptimizerError, ParamGroup};

/// Hyper-parameters of [`RmsProp`] beside learning rate and weight decay, which the groups hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsPropConfig {
    /// Momentum, at least 0; 0 for none.
    pub momentum: f64,
    /// Decay of the mean square, at least 0.
    pub alpha: f64,
    /// Added to the denominator, at least 0.
    pub eps: f64,
    /// Whether the variance takes the place of the mean square.
    pub centered: bool,
}

/// As `torch.optim.RMSprop`.
impl Default for RmsPropConfig {
    fn default() -> Self {
        Self {
            momentum: 0.0,
            alpha: 0.99,
            eps: 1e-8,
            centered: false,
        }
    }
}

struct State {
    step: Tensor,
    square_avg: Tensor,
    momentum_buffer: Option<Tensor>,
    grad_avg: Option<Tensor>,
}

/// RMSprop ([`torch.optim.RMSprop`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/rmsprop.py)). Weight decay is
/// added to the gradient.
pub struct RmsProp {
    groups: Vec<ParamGroup>,
    configs: Vec<RmsPropConfig>,
    states: Vec<Vec<Option<State>>>,
}

impl RmsProp {
    /// An optimizer of these groups. The state is made by the first step.
    ///
    /// # Errors
    /// When a hyper-parameter is out of range.
    pub fn new(groups: Vec<ParamGroup>, config: RmsPropConfig) -> Result<Self> {
        check(&config)?;
        let states = groups
            .iter()
            .map(|group| group.params.iter().map(|_| None).collect())
            .collect();
        let configs = vec![config; groups.len()];
        Ok(Self {
            groups,
            configs,
            states,
        })
    }
}

fn check(config: &RmsPropConfig) -> Result<()> {
    let numbers = [
        ("momentum", config.momentum),
        ("alpha", config.alpha),
        ("eps", config.eps),
    ];
    match numbers
        .into_iter()
        .find(|(_, value)| value.is_nan() || *value < 0.0)
    {
        Some((name, value)) => Err(OptimizerError::Config {
            optimizer: "RMSprop",
            name,
            value: value.to_string(),
            expected: "at least 0",
        }),
        None => Ok(()),
    }
}

impl Optimizer for RmsProp {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, config), states) in self.groups.iter().zip(&self.configs).zip(&mut self.states)
        {
            for (index, param, grad) in with_gradients(group)? {
                let state = match &mut states[index] {
                    Some(state) => state,
                    empty => empty.insert(State::new(&param, config)?),
                };
                state.step(&param, grad, group, config)?;
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
            Some(self.states[group][place].as_ref()?.pack())
        }))
    }

    fn load_state_dict(&mut self, state: &Value) -> Result<()> {
        let unpacked = Unpacked::new(state, &self.groups)?;
        let configs: Vec<RmsPropConfig> = unpacked
            .groups
            .iter()
            .map(|entries| read(entries))
            .collect::<Result<_>>()?;
        let mut states = Vec::with_capacity(self.groups.len());
        for ((group, entries), config) in self.groups.iter().zip(&unpacked.states).zip(&configs) {
            let load = |(place, entry): (usize, &Option<&Dict>)| {
                entry
                    .map(|entry| State::unpack(entry, group, place, config))
                    .transpose()
            };
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
    fn new(param: &Tensor, config: &RmsPropConfig) -> Result<Self> {
        Ok(Self {
            step: state_dict::step_tensor(0.0, Device::Cpu)?,
            square_avg: param.f_zeros_like()?,
            momentum_buffer: (config.momentum > 0.0)
                .then(|| param.f_zeros_like())
                .transpose()?,
            grad_avg: config.centered.then(|| param.f_zeros_like()).transpose()?,
        })
    }

    /// `_single_tensor_rmsprop` of PyTorch.
    fn step(
        &mut self,
        param: &Tensor,
        mut grad: Tensor,
        group: &ParamGroup,
        config: &RmsPropConfig,
    ) -> Result<()> {
        let _ = self.step.f_add_scalar_(1.0)?;
        if group.weight_decay != 0.0 {
            grad = pointwise::add(&grad, param, group.weight_decay)?;
        }
        let _ = self.square_avg.f_mul_scalar_(config.alpha)?;
        pointwise::addcmul_(&self.square_avg, &grad, &grad, 1.0 - config.alpha)?;
        let mut average = match &mut self.grad_avg {
            Some(grad_avg) => {
                let _ = grad_avg.f_lerp_(&grad, 1.0 - config.alpha)?;
                let mut variance = self.square_avg.f_empty_like()?;
                variance.f_copy_(&self.square_avg)?;
                pointwise::addcmul_(&variance, grad_avg, grad_avg, -1.0)?;
                variance.f_sqrt_()?
            }
            None => self.square_avg.f_sqrt()?,
        };
        let _ = average.f_add_scalar_(config.eps)?;
        match &mut self.momentum_buffer {
            Some(buffer) => {
                let _ = buffer.f_mul_scalar_(config.momentum)?;
                pointwise::addcdiv_(buffer, &grad, &average, 1.0)?;
                Ok(pointwise::add_(param, buffer, -group.lr)?)
            }
            None => Ok(pointwise::addcdiv_(param, &grad, &average, -group.lr)?),
        }
    }

    fn pack(&self) -> Dict {
        let mut entries = Dict::new()
            .with("step", self.step.shallow_clone())
            .with("square_avg", self.square_avg.shallow_clone());
        for (key, tensor) in [
            ("momentum_buffer", &self.momentum_buffer),
            ("grad_avg", &self.grad_avg),
        ] {
            if let Some(tensor) = tensor {
                entries.push(key, tensor.shallow_clone());
            }
        }
        entries
    }

    fn unpack(
        entry: &Dict,
        group: &ParamGroup,
        place: usize,
        config: &RmsPropConfig,
    ) -> Result<Self> {
        let (param, name) = (&group.params[place], group.name(place));
        let tensor = |key| state_dict::tensor(entry, key, name, param);
        Ok(Self {
            step: state_dict::step_tensor(state_dict::number(entry, "step")?, Device::Cpu)?,
            square_avg: tensor("square_avg")?,
            momentum_buffer: (config.momentum > 0.0)
                .then(|| tensor("momentum_buffer"))
                .transpose()?,
            grad_avg: config.centered.then(|| tensor("grad_avg")).transpose()?,
        })
    }
}

fn options(config: &RmsPropConfig) -> Options {
    vec![
        ("momentum", config.momentum.into()),
        ("alpha", config.alpha.into()),
        ("eps", config.eps.into()),
        ("centered", config.centered.into()),
        ("capturable", false.into()),
        ("foreach", Value::None),
        ("maximize", false.into()),
        ("differentiable", false.into()),
    ]
}

fn read(entries: &Dict) -> Result<RmsPropConfig> {
    state_dict::require_off(entries, &["maximize"])?;
    let config = RmsPropConfig {
        momentum: state_dict::number(entries, "momentum")?,
        alpha: state_dict::number(entries, "alpha")?,
        eps: state_dict::number(entries, "eps")?,
        centered: state_dict::flag(entries, "centered"),
    };
    check(&config)?;
    Ok(config)
}

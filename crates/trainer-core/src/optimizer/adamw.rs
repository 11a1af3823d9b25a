use tch::{Device, Tensor};
use trainer_torch::fused::{self, AdamNumbers, AdamTensors, Scaling};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::{foreach, pointwise};

use super::error::Result;
use super::gradients::{by_device_and_kind, with_gradients};
use super::state_dict::{self, Options, Unpacked};
use super::{Optimizer, OptimizerError, ParamGroup, pow};

/// Hyper-parameters of [`AdamW`] beside learning rate and weight decay, which the groups hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWConfig {
    /// Decay of the first and of the second moment, each from 0 to below 1.
    pub betas: (f64, f64),
    /// Added to the denominator, at least 0.
    pub eps: f64,
    /// Whether libtorch's fused kernel makes the step: `adamw_torch_fused`, the default of Hugging Face's Trainer. Otherwise
    /// one operation after another: `adamw_torch`. They differ in the last digit of a few weights.
    pub fused: bool,
}

/// As Hugging Face's `TrainingArguments`.
impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            betas: (0.9, 0.999),
            eps: 1e-8,
            fused: true,
        }
    }
}

struct State {
    step: Tensor,
    exp_avg: Tensor,
    exp_avg_sq: Tensor,
}

/// Adam whose weight decay shrinks the weights directly
/// ([`torch.optim.AdamW`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/adam.py)).
pub struct AdamW {
    groups: Vec<ParamGroup>,
    configs: Vec<AdamWConfig>,
    states: Vec<Vec<Option<State>>>,
}

impl AdamW {
    /// An optimizer of these groups. The moments are made by the first step.
    ///
    /// # Errors
    /// When a hyper-parameter is out of range.
    pub fn new(groups: Vec<ParamGroup>, config: AdamWConfig) -> Result<Self> {
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

fn check(config: &AdamWConfig) -> Result<()> {
    let (beta1, beta2) = config.betas;
    let wrong = |name, value: f64, expected| OptimizerError::Config {
        optimizer: "AdamW",
        name,
        value: value.to_string(),
        expected,
    };
    if !(0.0..1.0).contains(&beta1) {
        return Err(wrong("beta1", beta1, "0 to below 1"));
    }
    if !(0.0..1.0).contains(&beta2) {
        return Err(wrong("beta2", beta2, "0 to below 1"));
    }
    if config.eps.is_nan() || config.eps < 0.0 {
        return Err(wrong("eps", config.eps, "at least 0"));
    }
    Ok(())
}

impl Optimizer for AdamW {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, config), states) in self.groups.iter().zip(&self.configs).zip(&mut self.states)
        {
            let members = with_gradients(group)?;
            for (index, param, _) in &members {
                if states[*index].is_none() {
                    states[*index] = Some(State::new(param, config.fused)?);
                }
            }
            let mut lists = Lists::default();
            for (index, param, grad) in members {
                if let Some(state) = &states[index] {
                    lists.push(param, grad, state);
                }
            }
            match config.fused {
                true => lists.fused_step(group, config)?,
                false => lists.step(group, config)?,
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
        let configs: Vec<AdamWConfig> = unpacked
            .groups
            .iter()
            .map(|entries| read(entries))
            .collect::<Result<_>>()?;
        let mut states = Vec::with_capacity(self.groups.len());
        for ((group, entries), config) in self.groups.iter().zip(&unpacked.states).zip(&configs) {
            let load = |(place, entry): (usize, &Option<&Dict>)| {
                entry
                    .map(|entry| State::unpack(entry, group, place, config.fused))
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

fn options(config: &AdamWConfig) -> Options {
    let (beta1, beta2) = config.betas;
    vec![
        ("betas", Value::Tuple(vec![beta1.into(), beta2.into()])),
        ("eps", config.eps.into()),
        ("amsgrad", false.into()),
        ("maximize", false.into()),
        ("foreach", Value::None),
        ("capturable", false.into()),
        ("differentiable", false.into()),
        ("fused", config.fused.then_some(true).into()),
        ("decoupled_weight_decay", true.into()),
    ]
}

fn read(entries: &Dict) -> Result<AdamWConfig> {
    state_dict::require_off(entries, &["amsgrad", "maximize"])?;
    let config = AdamWConfig {
        betas: state_dict::pair(entries, "betas")?,
        eps: state_dict::number(entries, "eps")?,
        fused: state_dict::flag(entries, "fused"),
    };
    check(&config)?;
    Ok(config)
}

impl State {
    fn new(param: &Tensor, fused: bool) -> Result<Self> {
        Ok(Self {
            step: state_dict::step_tensor(0.0, step_device(param, fused))?,
            exp_avg: param.f_zeros_like()?,
            exp_avg_sq: param.f_zeros_like()?,
        })
    }

    fn pack(&self) -> Dict {
        Dict::new()
            .with("step", self.step.shallow_clone())
            .with("exp_avg", self.exp_avg.shallow_clone())
            .with("exp_avg_sq", self.exp_avg_sq.shallow_clone())
    }

    fn unpack(entry: &Dict, group: &ParamGroup, place: usize, fused: bool) -> Result<Self> {
        let (param, name) = (&group.params[place], group.name(place));
        Ok(Self {
            step: state_dict::step_tensor(
                state_dict::number(entry, "step")?,
                step_device(param, fused),
            )?,
            exp_avg: state_dict::tensor(entry, "exp_avg", name, param)?,
            exp_avg_sq: state_dict::tensor(entry, "exp_avg_sq", name, param)?,
        })
    }
}

/// The fused kernel reads the step on the device; otherwise it stays in host memory, where the corrections are computed.
fn step_device(param: &Tensor, fused: bool) -> Device {
    if fused { param.device() } else { Device::Cpu }
}

/// The tensors of a group's step, all lists in the same order.
#[derive(Default)]
struct Lists {
    params: Vec<Tensor>,
    grads: Vec<Tensor>,
    exp_avgs: Vec<Tensor>,
    exp_avg_sqs: Vec<Tensor>,
    steps: Vec<Tensor>,
}

impl Lists {
    fn push(&mut self, param: Tensor, grad: Tensor, state: &State) {
        self.params.push(param);
        self.grads.push(grad);
        self.exp_avgs.push(state.exp_avg.shallow_clone());
        self.exp_avg_sqs.push(state.exp_avg_sq.shallow_clone());
        self.steps.push(state.step.shallow_clone());
    }

    fn select(&self, indices: &[usize]) -> Self {
        let pick = |list: &[Tensor]| {
            indices
                .iter()
                .map(|&index| list[index].shallow_clone())
                .collect()
        };
        Self {
            params: pick(&self.params),
            grads: pick(&self.grads),
            exp_avgs: pick(&self.exp_avgs),
            exp_avg_sqs: pick(&self.exp_avg_sqs),
            steps: pick(&self.steps),
        }
    }

    fn fused_step(&self, group: &ParamGroup, config: &AdamWConfig) -> Result<()> {
        let (beta1, beta2) = config.betas;
        let numbers = AdamNumbers {
            lr: group.lr,
            beta1,
            beta2,
            weight_decay: group.weight_decay,
            eps: config.eps,
            amsgrad: false,
            maximize: false,
        };
        for alike in by_device_and_kind(&self.params) {
            let lists = self.select(&alike.indices);
            foreach::add_scalar_(&lists.steps, 1.0)?;
            let tensors = AdamTensors {
                params: &lists.params,
                grads: &lists.grads,
                exp_avgs: &lists.exp_avgs,
                exp_avg_sqs: &lists.exp_avg_sqs,
                max_exp_avg_sqs: &[],
                steps: &lists.steps,
            };
            fused::adamw_(tensors, numbers, Scaling::default())?;
        }
        Ok(())
    }

    /// `_single_tensor_adam` of PyTorch.
    fn step(mut self, group: &ParamGroup, config: &AdamWConfig) -> Result<()> {
        let (beta1, beta2) = config.betas;
        for index in 0..self.params.len() {
            let (param, grad) = (&mut self.params[index], &self.grads[index]);
            let (exp_avg, exp_avg_sq) = (&mut self.exp_avgs[index], &mut self.exp_avg_sqs[index]);
            let _ = self.steps[index].f_add_scalar_(1.0)?;
            if group.weight_decay != 0.0 {
                let _ = param.f_mul_scalar_(1.0 - group.lr * group.weight_decay)?;
            }
            let _ = exp_avg.f_lerp_(grad, 1.0 - beta1)?;
            let _ = exp_avg_sq.f_mul_scalar_(beta2)?;
            pointwise::addcmul_(exp_avg_sq, grad, grad, 1.0 - beta2)?;

            let step = self.steps[index].f_double_value(&[])?;
            let step_size = group.lr / (1.0 - pow(beta1, step));
            let correction = pow(1.0 - pow(beta2, step), 0.5);
            let denominator = exp_avg_sq
                .f_sqrt()?
                .f_div_scalar(correction)?
                .f_add_scalar_(config.eps)?;
            pointwise::addcdiv_(param, exp_avg, &denominator, -step_size)?;
        }
        Ok(())
    }
}

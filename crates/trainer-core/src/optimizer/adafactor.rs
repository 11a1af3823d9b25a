use tch::{Kind, Tensor};
use trainer_torch::norm::vector_norm;
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::gradients::with_gradients;
use super::state_dict::{self, Options, Unpacked};
use super::{Optimizer, OptimizerError, ParamGroup, pow};

/// Hyper-parameters of [`Adafactor`] beside learning rate and weight decay, which the groups hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdafactorConfig {
    /// What is added to squared gradients, and the smallest scale of a parameter, which only PyTorch's other modes use.
    pub eps: (f64, f64),
    /// Largest root mean square of an update, above 0.
    pub clip_threshold: f64,
    /// Exponent of the step in the decay of the second moment, below 0.
    pub decay_rate: f64,
    /// Decay of the first moment; `None` for no first moment, which needs no memory.
    pub beta1: Option<f64>,
}

/// As Hugging Face's Trainer.
impl Default for AdafactorConfig {
    fn default() -> Self {
        Self {
            eps: (1e-30, 1e-3),
            clip_threshold: 1.0,
            decay_rate: -0.8,
            beta1: None,
        }
    }
}

/// The second moment: of a matrix and more only the means along rows and along columns, of a vector whole.
enum SecondMoment {
    Factored { row: Tensor, col: Tensor },
    Whole(Tensor),
}

struct State {
    step: i64,
    exp_avg: Option<Tensor>,
    exp_avg_sq: SecondMoment,
    rms: Tensor,
}

/// Adafactor with the group's learning rate
/// ([transformers' `Adafactor`](https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/optimization.py)
/// with `scale_parameter=False, relative_step=False`, as its Trainer makes it).
pub struct Adafactor {
    groups: Vec<ParamGroup>,
    configs: Vec<AdafactorConfig>,
    states: Vec<Vec<Option<State>>>,
}

impl Adafactor {
    /// An optimizer of these groups. The state is made by the first step.
    ///
    /// # Errors
    /// When a hyper-parameter is out of range.
    pub fn new(groups: Vec<ParamGroup>, config: AdafactorConfig) -> Result<Self> {
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

fn check(config: &AdafactorConfig) -> Result<()> {
    let wrong = |name, value: f64, expected| {
        Err(OptimizerError::Config {
            optimizer: "Adafactor",
            name,
            value: value.to_string(),
            expected,
        })
    };
    match config {
        _ if config.clip_threshold.is_nan() || config.clip_threshold <= 0.0 => {
            wrong("clip_threshold", config.clip_threshold, "above 0")
        }
        _ if config.decay_rate.is_nan() || config.decay_rate >= 0.0 => {
            wrong("decay_rate", config.decay_rate, "below 0")
        }
        _ => Ok(()),
    }
}

impl Optimizer for Adafactor {
    fn step(&mut self) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        for ((group, config), states) in self.groups.iter().zip(&self.configs).zip(&mut self.states)
        {
            for (index, mut param, grad) in with_gradients(group)? {
                let half = matches!(grad.f_kind()?, Kind::Half | Kind::BFloat16);
                let grad = if half {
                    grad.f_to_kind(Kind::Float)?
                } else {
                    grad
                };
                let state = match &mut states[index] {
                    Some(state) => state,
                    empty => empty.insert(State::new(&grad, config)?),
                };
                let mut weight = if half {
                    param.f_to_kind(Kind::Float)?
                } else {
                    param.shallow_clone()
                };
                state.step(&mut weight, &grad, group, config)?;
                if half {
                    param.f_copy_(&weight)?;
                }
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
        let configs: Vec<AdafactorConfig> = unpacked
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
    fn new(grad: &Tensor, config: &AdafactorConfig) -> Result<Self> {
        let options = (grad.f_kind()?, grad.device());
        let exp_avg_sq = match factors(&grad.size()) {
            Some((row, col)) => SecondMoment::Factored {
                row: Tensor::f_zeros(row, options)?,
                col: Tensor::f_zeros(col, options)?,
            },
            None => SecondMoment::Whole(grad.f_zeros_like()?),
        };
        let exp_avg = config.beta1.map(|_| grad.f_zeros_like()).transpose()?;
        Ok(Self {
            step: 0,
            exp_avg,
            exp_avg_sq,
            rms: Tensor::f_zeros([0i64; 0], options)?,
        })
    }

    fn step(
        &mut self,
        weight: &mut Tensor,
        grad: &Tensor,
        group: &ParamGroup,
        config: &AdafactorConfig,
    ) -> Result<()> {
        self.step += 1;
        self.rms = rms(weight)?;
        #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
        let beta2 = 1.0 - pow(self.step as f64, config.decay_rate);
        let squared = grad.f_pow_tensor_scalar(2)?.f_add_scalar(config.eps.0)?;
        let mut update = match &mut self.exp_avg_sq {
            SecondMoment::Factored { row, col } => {
                let _ = row.f_mul_scalar_(beta2)?;
                pointwise::add_(row, &mean(&squared, -1, false)?, 1.0 - beta2)?;
                let _ = col.f_mul_scalar_(beta2)?;
                pointwise::add_(col, &mean(&squared, -2, false)?, 1.0 - beta2)?;
                let row = row
                    .f_div(&mean(row, -1, true)?)?
                    .f_rsqrt_()?
                    .f_unsqueeze(-1)?;
                row.f_mul(&col.f_unsqueeze(-2)?.f_rsqrt()?)?
            }
            SecondMoment::Whole(whole) => {
                let _ = whole.f_mul_scalar_(beta2)?;
                pointwise::add_(whole, &squared, 1.0 - beta2)?;
                whole.f_rsqrt()?
            }
        };
        let _ = update.f_mul_(grad)?;
        let _ = update.f_div_(
            &rms(&update)?
                .f_div_scalar(config.clip_threshold)?
                .f_clamp_min(1.0)?,
        )?;
        let _ = update.f_mul_scalar_(group.lr)?;
        if let (Some(exp_avg), Some(beta1)) = (&mut self.exp_avg, config.beta1) {
            let _ = exp_avg.f_mul_scalar_(beta1)?;
            pointwise::add_(exp_avg, &update, 1.0 - beta1)?;
            update = exp_avg.shallow_clone();
        }
        if group.weight_decay != 0.0 {
            pointwise::add_(weight, weight, -group.weight_decay * group.lr)?;
        }
        Ok(pointwise::add_(weight, &update.f_neg()?, 1.0)?)
    }

    fn pack(&self) -> Dict {
        let mut entries = Dict::new().with("step", self.step);
        if let Some(exp_avg) = &self.exp_avg {
            entries.push("exp_avg", exp_avg.shallow_clone());
        }
        match &self.exp_avg_sq {
            SecondMoment::Factored { row, col } => {
                entries.push("exp_avg_sq_row", row.shallow_clone());
                entries.push("exp_avg_sq_col", col.shallow_clone());
            }
            SecondMoment::Whole(whole) => entries.push("exp_avg_sq", whole.shallow_clone()),
        }
        entries.with("RMS", self.rms.shallow_clone())
    }

    fn unpack(
        entry: &Dict,
        group: &ParamGroup,
        place: usize,
        config: &AdafactorConfig,
    ) -> Result<Self> {
        let (param, name) = (&group.params[place], group.name(place));
        let kind = match param.f_kind()? {
            Kind::Half | Kind::BFloat16 => Kind::Float,
            kind => kind,
        };
        let shape = param.size();
        let options = (kind, param.device());
        let tensor = |key, shape: &[i64]| state_dict::tensor_of(entry, key, name, shape, options);
        let exp_avg_sq = match factors(&shape) {
            Some((row, col)) => SecondMoment::Factored {
                row: tensor("exp_avg_sq_row", &row)?,
                col: tensor("exp_avg_sq_col", &col)?,
            },
            None => SecondMoment::Whole(tensor("exp_avg_sq", &shape)?),
        };
        let step = entry.require("step")?;
        Ok(Self {
            step: step
                .as_i64()
                .ok_or_else(|| step.unexpected("an int as \"step\""))?,
            exp_avg: config
                .beta1
                .map(|_| tensor("exp_avg", &shape))
                .transpose()?,
            exp_avg_sq,
            rms: Tensor::f_full([0i64; 0], state_dict::number(entry, "RMS")?, options)?,
        })
    }
}

/// Shapes of the means along rows and along columns of a matrix or a stack of matrices.
fn factors(shape: &[i64]) -> Option<(Vec<i64>, Vec<i64>)> {
    let [stack @ .., rows, columns] = shape else {
        return None;
    };
    Some(([stack, &[*rows]].concat(), [stack, &[*columns]].concat()))
}

fn mean(tensor: &Tensor, dim: i64, keep_dim: bool) -> Result<Tensor> {
    Ok(tensor.f_mean_dim(Some(&[dim][..]), keep_dim, None)?)
}

/// Root mean square, 0-d.
fn rms(tensor: &Tensor) -> Result<Tensor> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "tensors have fewer than 2^53 elements"
    )]
    let size = pow(tensor.numel() as f64, 0.5);
    Ok(vector_norm(tensor, 2.0)?.f_div_scalar(size)?)
}

fn options(config: &AdafactorConfig) -> Options {
    vec![
        (
            "eps",
            Value::Tuple(vec![config.eps.0.into(), config.eps.1.into()]),
        ),
        ("clip_threshold", config.clip_threshold.into()),
        ("decay_rate", config.decay_rate.into()),
        ("beta1", config.beta1.into()),
        ("scale_parameter", false.into()),
        ("relative_step", false.into()),
        ("warmup_init", false.into()),
    ]
}

fn read(entries: &Dict) -> Result<AdafactorConfig> {
    state_dict::require_off(
        entries,
        &["scale_parameter", "relative_step", "warmup_init"],
    )?;
    let config = AdafactorConfig {
        eps: state_dict::pair(entries, "eps")?,
        clip_threshold: state_dict::number(entries, "clip_threshold")?,
        decay_rate: state_dict::number(entries, "decay_rate")?,
        beta1: entries.get("beta1").and_then(Value::as_f64),
    };
    check(&config)?;
    Ok(config)
}

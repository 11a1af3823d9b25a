use tch::{Kind, Tensor};
use trainer_torch::norm::vector_norm;
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs};
use super::range::out_of_range;
use super::second_moment::SecondMoment;
use super::{ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule, pow};
use crate::TrainingArguments;

/// Adafactor with the group's learning rate
/// ([transformers' `Adafactor`](https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/optimization.py)
/// with `scale_parameter=False, relative_step=False`, as its Trainer makes it). Weights of half precision are changed in float32.
pub type Adafactor = RuleOptimizer<AdafactorConfig>;

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

/// What [`Adafactor`] keeps of a weight: the number of steps, the first moment where it is asked for, the second moment, of matrices
/// only its means along rows and columns, and the weight's root mean square before the last step.
#[derive(Debug)]
pub struct AdafactorState {
    step: i64,
    exp_avg: Option<Tensor>,
    exp_avg_sq: SecondMoment,
    rms: Tensor,
}

impl UpdateRule for AdafactorConfig {
    const NAME: &'static str = "Adafactor";
    type State = AdafactorState;

    fn check(&self) -> Result<()> {
        if self.clip_threshold.is_nan() || self.clip_threshold <= 0.0 {
            let value = self.clip_threshold;
            return Err(out_of_range::<Self>("clip_threshold", value, "above 0"));
        }
        if self.decay_rate.is_nan() || self.decay_rate >= 0.0 {
            let value = self.decay_rate;
            return Err(out_of_range::<Self>("decay_rate", value, "below 0"));
        }
        Ok(())
    }

    fn new_state(&self, param: &Tensor) -> Result<AdafactorState> {
        let like = in_float(param)?;
        let options = (like.f_kind()?, like.device());
        Ok(AdafactorState {
            step: 0,
            exp_avg: self.beta1.map(|_| like.f_zeros_like()).transpose()?,
            exp_avg_sq: SecondMoment::new(&like)?,
            rms: Tensor::f_zeros([0i64; 0], options)?,
        })
    }

    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        state: &mut AdafactorState,
    ) -> Result<()> {
        let (weight, grad) = (in_float(param)?, in_float(grad)?);
        state.step += 1;
        state.rms = rms(&weight)?;
        #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
        let beta2 = 1.0 - pow(state.step as f64, self.decay_rate);
        let squared = grad.f_pow_tensor_scalar(2)?.f_add_scalar(self.eps.0)?;
        let mut update = state.exp_avg_sq.update(&squared, beta2)?;
        let _ = update.f_mul_(&grad)?;
        let clip = rms(&update)?
            .f_div_scalar(self.clip_threshold)?
            .f_clamp_min(1.0)?;
        let _ = update.f_div_(&clip)?;
        let _ = update.f_mul_scalar_(group.lr)?;
        if let (Some(exp_avg), Some(beta1)) = (&mut state.exp_avg, self.beta1) {
            let _ = exp_avg.f_mul_scalar_(beta1)?;
            pointwise::add_(exp_avg, &update, 1.0 - beta1)?;
            update = exp_avg.shallow_clone();
        }
        if group.weight_decay != 0.0 {
            pointwise::add_(&weight, &weight, -group.weight_decay * group.lr)?;
        }
        pointwise::add_(&weight, &update.f_neg()?, 1.0)?;
        if is_half(param)? {
            param.f_copy_(&weight)?;
        }
        Ok(())
    }

    fn options(&self) -> Dict {
        let (eps1, eps2) = self.eps;
        Dict::new()
            .with("eps", Value::Tuple(vec![eps1.into(), eps2.into()]))
            .with("clip_threshold", self.clip_threshold)
            .with("decay_rate", self.decay_rate)
            .with("beta1", self.beta1)
            .with("scale_parameter", false)
            .with("relative_step", false)
            .with("warmup_init", false)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        saved.require_off(&["scale_parameter", "relative_step", "warmup_init"])?;
        Ok(Self {
            eps: saved.pair("eps")?,
            clip_threshold: saved.number("clip_threshold")?,
            decay_rate: saved.number("decay_rate")?,
            beta1: saved.optional_number("beta1")?,
        })
    }

    fn pack(state: &AdafactorState) -> Dict {
        let mut entries = Dict::new().with("step", state.step);
        if let Some(exp_avg) = &state.exp_avg {
            entries.push("exp_avg", exp_avg.shallow_clone());
        }
        state.exp_avg_sq.pack(&mut entries);
        entries.with("RMS", state.rms.shallow_clone())
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<AdafactorState> {
        let kind = match is_half(saved.param())? {
            true => Kind::Float,
            false => saved.param().f_kind()?,
        };
        let options = (kind, saved.param().device());
        let exp_avg = |_| saved.tensor_of("exp_avg", &saved.param().size(), options);
        Ok(AdafactorState {
            step: saved.int("step")?,
            exp_avg: self.beta1.map(exp_avg).transpose()?,
            exp_avg_sq: SecondMoment::unpack(saved, options)?,
            rms: Tensor::f_full([0i64; 0], saved.number("RMS")?, options)?,
        })
    }
}

fn is_half(tensor: &Tensor) -> Result<bool> {
    Ok(matches!(tensor.f_kind()?, Kind::Half | Kind::BFloat16))
}

/// The tensor itself, or of half precision a copy in float32.
fn in_float(tensor: &Tensor) -> Result<Tensor> {
    match is_half(tensor)? {
        true => Ok(tensor.f_to_kind(Kind::Float)?),
        false => Ok(tensor.shallow_clone()),
    }
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

impl FromArguments for AdafactorConfig {
    fn from_arguments(_: &TrainingArguments, _: &mut OptimArgs) -> crate::Result<Self> {
        Ok(Self::default())
    }
}

use tch::{Device, Tensor};
use trainer_models::Compute;
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::{fast, pointwise};

use super::adamw_fused::fused_update;
use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs};
use super::range::{at_least_zero, out_of_range};
use super::{
    Member, OptimizerError, ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule, pow,
    step_tensor,
};
use crate::{OptimizerNames, TrainingArguments};

/// Adam whose weight decay shrinks the weights directly
/// ([`torch.optim.AdamW`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/adam.py)).
pub type AdamW = RuleOptimizer<AdamWConfig>;

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
    /// Whose kernel makes a fused step of weights in host memory: libtorch's by default, for [`Compute::Fast`] one of
    /// [`trainer_torch::fast`], which gives the same weights to rounding and passes over an embedding's rows that never occurred.
    pub compute: Compute,
}

/// As Hugging Face's `TrainingArguments`.
impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            betas: (0.9, 0.999),
            eps: 1e-8,
            fused: true,
            compute: Compute::Reference,
        }
    }
}

/// What [`AdamW`] keeps of a weight: the number of steps and both moments.
#[derive(Debug)]
pub struct AdamWState {
    pub(super) step: Tensor,
    pub(super) exp_avg: Tensor,
    pub(super) exp_avg_sq: Tensor,
}

impl UpdateRule for AdamWConfig {
    const NAME: &'static str = "AdamW";
    type State = AdamWState;

    fn check(&self) -> Result<()> {
        for (name, beta) in [("beta1", self.betas.0), ("beta2", self.betas.1)] {
            if !(0.0..1.0).contains(&beta) {
                return Err(out_of_range::<Self>(name, beta, "0 to below 1"));
            }
        }
        at_least_zero::<Self>(&[("eps", self.eps)])
    }

    fn new_state(&self, param: &Tensor) -> Result<AdamWState> {
        Ok(AdamWState {
            step: step_tensor(0.0, self.step_device(param))?,
            exp_avg: fast::zeros_like(param)?,
            exp_avg_sq: fast::zeros_like(param)?,
        })
    }

    /// `_single_tensor_adam` of PyTorch.
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        state: &mut AdamWState,
    ) -> Result<()> {
        let (beta1, beta2) = self.betas;
        let _ = state.step.f_add_scalar_(1.0)?;
        if group.weight_decay != 0.0 {
            let _ = param.f_mul_scalar_(1.0 - group.lr * group.weight_decay)?;
        }
        let _ = state.exp_avg.f_lerp_(grad, 1.0 - beta1)?;
        let _ = state.exp_avg_sq.f_mul_scalar_(beta2)?;
        pointwise::addcmul_(&state.exp_avg_sq, grad, grad, 1.0 - beta2)?;

        let step = state.step.f_double_value(&[])?;
        let step_size = group.lr / (1.0 - pow(beta1, step));
        let correction = pow(1.0 - pow(beta2, step), 0.5);
        let denominator = state
            .exp_avg_sq
            .f_sqrt()?
            .f_div_scalar(correction)?
            .f_add_scalar_(self.eps)?;
        Ok(pointwise::addcdiv_(
            param,
            &state.exp_avg,
            &denominator,
            -step_size,
        )?)
    }

    fn update_group(&self, group: &ParamGroup, members: Vec<Member<'_, AdamWState>>) -> Result<()> {
        if self.fused {
            return fused_update(self, group, &members);
        }
        for mut member in members {
            self.update(group, &mut member.param, &member.grad, member.state)?;
        }
        Ok(())
    }

    fn options(&self) -> Dict {
        let (beta1, beta2) = self.betas;
        Dict::new()
            .with("betas", Value::Tuple(vec![beta1.into(), beta2.into()]))
            .with("eps", self.eps)
            .with("amsgrad", false)
            .with("maximize", false)
            .with("foreach", Value::None)
            .with("capturable", false)
            .with("differentiable", false)
            .with("fused", self.fused.then_some(true))
            .with("decoupled_weight_decay", true)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        let decoupled = saved.get("decoupled_weight_decay").and_then(Value::as_bool);
        if decoupled == Some(false) {
            return Err(OptimizerError::Optimizer {
                found: "Adam",
                expected: Self::NAME,
            });
        }
        saved.require_off(&["amsgrad", "maximize"])?;
        Ok(Self {
            betas: saved.pair("betas")?,
            eps: saved.number("eps")?,
            fused: saved.flag("fused"),
            compute: self.compute,
        })
    }

    fn pack(state: &AdamWState) -> Dict {
        Dict::new()
            .with("step", state.step.shallow_clone())
            .with("exp_avg", state.exp_avg.shallow_clone())
            .with("exp_avg_sq", state.exp_avg_sq.shallow_clone())
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<AdamWState> {
        Ok(AdamWState {
            step: step_tensor(saved.number("step")?, self.step_device(saved.param()))?,
            exp_avg: saved.tensor("exp_avg")?,
            exp_avg_sq: saved.tensor("exp_avg_sq")?,
        })
    }
}

impl AdamWConfig {
    /// The fused kernel reads the step on the device; otherwise it stays in host memory, where the corrections are computed.
    fn step_device(&self, param: &Tensor) -> Device {
        if self.fused {
            param.device()
        } else {
            Device::Cpu
        }
    }
}

impl FromArguments for AdamWConfig {
    fn from_arguments(args: &TrainingArguments, _: &mut OptimArgs) -> crate::Result<Self> {
        Ok(Self {
            betas: (args.adam_beta1, args.adam_beta2),
            eps: args.adam_epsilon,
            fused: args.optim == OptimizerNames::AdamwTorchFused,
            compute: args.compute,
        })
    }
}

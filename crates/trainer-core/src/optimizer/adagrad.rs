use tch::{Device, Tensor};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs};
use super::range::at_least_zero;
use super::{ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule, step_tensor};
use crate::TrainingArguments;

/// Adagrad ([`torch.optim.Adagrad`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/adagrad.py)). Weight decay is
/// added to the gradient.
pub type Adagrad = RuleOptimizer<AdagradConfig>;

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

/// What [`Adagrad`] keeps of a weight: the number of steps and the sum of squared gradients.
#[derive(Debug)]
pub struct AdagradState {
    step: Tensor,
    sum: Tensor,
}

impl UpdateRule for AdagradConfig {
    const NAME: &'static str = "Adagrad";

    /// As in PyTorch.
    const STATE_AT_START: bool = true;

    type State = AdagradState;

    fn check(&self) -> Result<()> {
        at_least_zero::<Self>(&[
            ("lr_decay", self.lr_decay),
            ("eps", self.eps),
            ("initial_accumulator_value", self.initial_accumulator_value),
        ])
    }

    fn new_state(&self, param: &Tensor) -> Result<AdagradState> {
        Ok(AdagradState {
            step: step_tensor(0.0, Device::Cpu)?,
            sum: param.f_full_like(self.initial_accumulator_value)?,
        })
    }

    /// `_single_tensor_adagrad` of PyTorch.
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        state: &mut AdagradState,
    ) -> Result<()> {
        let _ = state.step.f_add_scalar_(1.0)?;
        let step = state.step.f_double_value(&[])?;
        let mut grad = grad.shallow_clone();
        if group.weight_decay != 0.0 {
            grad = pointwise::add(&grad, param, group.weight_decay)?;
        }
        let lr = group.lr / (1.0 + (step - 1.0) * self.lr_decay);
        pointwise::addcmul_(&state.sum, &grad, &grad, 1.0)?;
        let deviation = state.sum.f_sqrt()?.f_add_scalar_(self.eps)?;
        Ok(pointwise::addcdiv_(param, &grad, &deviation, -lr)?)
    }

    fn options(&self) -> Dict {
        Dict::new()
            .with("lr_decay", self.lr_decay)
            .with("eps", self.eps)
            .with("initial_accumulator_value", self.initial_accumulator_value)
            .with("foreach", Value::None)
            .with("maximize", false)
            .with("differentiable", false)
            .with("fused", Value::None)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        saved.require_off(&["maximize"])?;
        Ok(Self {
            lr_decay: saved.number("lr_decay")?,
            eps: saved.number("eps")?,
            initial_accumulator_value: saved.number("initial_accumulator_value")?,
        })
    }

    fn pack(state: &AdagradState) -> Dict {
        Dict::new()
            .with("step", state.step.shallow_clone())
            .with("sum", state.sum.shallow_clone())
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<AdagradState> {
        Ok(AdagradState {
            sum: saved.tensor("sum")?,
            step: step_tensor(saved.number("step")?, Device::Cpu)?,
        })
    }
}

impl FromArguments for AdagradConfig {
    fn from_arguments(_: &TrainingArguments, options: &mut OptimArgs) -> crate::Result<Self> {
        let default = Self::default();
        Ok(Self {
            lr_decay: options.take("lr_decay", default.lr_decay)?,
            eps: options.take("eps", default.eps)?,
            ..default
        })
    }
}

use tch::{Device, Tensor};
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs};
use super::range::at_least_zero;
use super::{ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule, step_tensor};
use crate::TrainingArguments;

/// RMSprop ([`torch.optim.RMSprop`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/rmsprop.py)). Weight decay is
/// added to the gradient.
pub type RmsProp = RuleOptimizer<RmsPropConfig>;

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

/// What [`RmsProp`] keeps of a weight: the number of steps, the mean square of the gradients, and, where they are asked for, the
/// momentum and the mean of the gradients.
#[derive(Debug)]
pub struct RmsPropState {
    step: Tensor,
    square_avg: Tensor,
    momentum_buffer: Option<Tensor>,
    grad_avg: Option<Tensor>,
}

impl UpdateRule for RmsPropConfig {
    const NAME: &'static str = "RMSprop";
    type State = RmsPropState;

    fn check(&self) -> Result<()> {
        at_least_zero::<Self>(&[
            ("momentum", self.momentum),
            ("alpha", self.alpha),
            ("eps", self.eps),
        ])
    }

    fn new_state(&self, param: &Tensor) -> Result<RmsPropState> {
        let zeros_if = |wanted: bool| wanted.then(|| param.f_zeros_like()).transpose();
        Ok(RmsPropState {
            step: step_tensor(0.0, Device::Cpu)?,
            square_avg: param.f_zeros_like()?,
            momentum_buffer: zeros_if(self.momentum > 0.0)?,
            grad_avg: zeros_if(self.centered)?,
        })
    }

    /// `_single_tensor_rmsprop` of PyTorch.
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        state: &mut RmsPropState,
    ) -> Result<()> {
        let _ = state.step.f_add_scalar_(1.0)?;
        let mut grad = grad.shallow_clone();
        if group.weight_decay != 0.0 {
            grad = pointwise::add(&grad, param, group.weight_decay)?;
        }
        let square_avg = &mut state.square_avg;
        let _ = square_avg.f_mul_scalar_(self.alpha)?;
        pointwise::addcmul_(square_avg, &grad, &grad, 1.0 - self.alpha)?;
        let mut average = match &mut state.grad_avg {
            Some(grad_avg) => {
                let _ = grad_avg.f_lerp_(&grad, 1.0 - self.alpha)?;
                let mut variance = square_avg.f_empty_like()?;
                variance.f_copy_(square_avg)?;
                pointwise::addcmul_(&variance, grad_avg, grad_avg, -1.0)?;
                variance.f_sqrt_()?
            }
            None => square_avg.f_sqrt()?,
        };
        let _ = average.f_add_scalar_(self.eps)?;
        match &mut state.momentum_buffer {
            Some(buffer) => {
                let _ = buffer.f_mul_scalar_(self.momentum)?;
                pointwise::addcdiv_(buffer, &grad, &average, 1.0)?;
                Ok(pointwise::add_(param, buffer, -group.lr)?)
            }
            None => Ok(pointwise::addcdiv_(param, &grad, &average, -group.lr)?),
        }
    }

    fn options(&self) -> Dict {
        Dict::new()
            .with("momentum", self.momentum)
            .with("alpha", self.alpha)
            .with("eps", self.eps)
            .with("centered", self.centered)
            .with("capturable", false)
            .with("foreach", Value::None)
            .with("maximize", false)
            .with("differentiable", false)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        saved.require_off(&["maximize"])?;
        Ok(Self {
            momentum: saved.number("momentum")?,
            alpha: saved.number("alpha")?,
            eps: saved.number("eps")?,
            centered: saved.flag("centered"),
        })
    }

    fn pack(state: &RmsPropState) -> Dict {
        let mut entries = Dict::new()
            .with("step", state.step.shallow_clone())
            .with("square_avg", state.square_avg.shallow_clone());
        for (key, tensor) in [
            ("momentum_buffer", &state.momentum_buffer),
            ("grad_avg", &state.grad_avg),
        ] {
            if let Some(tensor) = tensor {
                entries.push(key, tensor.shallow_clone());
            }
        }
        entries
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<RmsPropState> {
        let tensor_if = |wanted: bool, key| wanted.then(|| saved.tensor(key)).transpose();
        Ok(RmsPropState {
            step: step_tensor(saved.number("step")?, Device::Cpu)?,
            square_avg: saved.tensor("square_avg")?,
            momentum_buffer: tensor_if(self.momentum > 0.0, "momentum_buffer")?,
            grad_avg: tensor_if(self.centered, "grad_avg")?,
        })
    }
}

impl FromArguments for RmsPropConfig {
    fn from_arguments(_: &TrainingArguments, options: &mut OptimArgs) -> crate::Result<Self> {
        let default = Self::default();
        Ok(Self {
            momentum: options.take("momentum", default.momentum)?,
            alpha: options.take("alpha", default.alpha)?,
            eps: options.take("eps", default.eps)?,
            centered: options.take_flag("centered", default.centered)?,
        })
    }
}

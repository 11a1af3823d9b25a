use tch::Tensor;
use trainer_torch::pickle::{Dict, Value};
use trainer_torch::pointwise;

use super::error::Result;
use super::from_arguments::{FromArguments, OptimArgs};
use super::range::{at_least_zero, out_of_range};
use super::{ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule};
use crate::TrainingArguments;

/// Stochastic gradient descent
/// ([`torch.optim.SGD`](https://github.com/pytorch/pytorch/blob/v2.11.0/torch/optim/sgd.py)). Weight decay is added to the
/// gradient.
pub type Sgd = RuleOptimizer<SgdConfig>;

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

impl UpdateRule for SgdConfig {
    const NAME: &'static str = "SGD";

    /// The momentum, from the first step on.
    type State = Option<Tensor>;

    fn check(&self) -> Result<()> {
        at_least_zero::<Self>(&[("momentum", self.momentum)])?;
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            let expected = "false without momentum or with dampening";
            return Err(out_of_range::<Self>("nesterov", self.nesterov, expected));
        }
        Ok(())
    }

    fn new_state(&self, _: &Tensor) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// `_single_tensor_sgd` of PyTorch.
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        momentum_buffer: &mut Option<Tensor>,
    ) -> Result<()> {
        let mut grad = grad.shallow_clone();
        if group.weight_decay != 0.0 {
            grad = pointwise::add(&grad, param, group.weight_decay)?;
        }
        if self.momentum != 0.0 {
            let buffer = match momentum_buffer {
                Some(buffer) => {
                    let _ = buffer.f_mul_scalar_(self.momentum)?;
                    pointwise::add_(buffer, &grad, 1.0 - self.dampening)?;
                    buffer
                }
                None => {
                    let mut first = grad.f_empty_like()?;
                    first.f_copy_(&grad)?;
                    momentum_buffer.insert(first)
                }
            };
            grad = match self.nesterov {
                true => pointwise::add(&grad, buffer, self.momentum)?,
                false => buffer.shallow_clone(),
            };
        }
        Ok(pointwise::add_(param, &grad, -group.lr)?)
    }

    fn options(&self) -> Dict {
        Dict::new()
            .with("momentum", self.momentum)
            .with("dampening", self.dampening)
            .with("nesterov", self.nesterov)
            .with("maximize", false)
            .with("foreach", Value::None)
            .with("differentiable", false)
            .with("fused", Value::None)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        saved.require_off(&["maximize"])?;
        Ok(Self {
            momentum: saved.number("momentum")?,
            dampening: saved.number("dampening")?,
            nesterov: saved.flag("nesterov"),
        })
    }

    fn pack(momentum_buffer: &Option<Tensor>) -> Dict {
        match momentum_buffer {
            Some(buffer) => Dict::new().with("momentum_buffer", buffer.shallow_clone()),
            None => Dict::new(),
        }
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<Option<Tensor>> {
        saved.optional_tensor("momentum_buffer")
    }
}

impl FromArguments for SgdConfig {
    fn from_arguments(_: &TrainingArguments, options: &mut OptimArgs) -> crate::Result<Self> {
        let default = Self::default();
        Ok(Self {
            momentum: options.take("momentum", default.momentum)?,
            dampening: options.take("dampening", default.dampening)?,
            nesterov: options.take_flag("nesterov", default.nesterov)?,
        })
    }
}

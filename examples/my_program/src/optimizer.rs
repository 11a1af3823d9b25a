use trainer::core::optimizer::{OptimizerError, SavedGroup, SavedState};
use trainer::prelude::*;
use trainer::tch::Tensor;
use trainer::torch::pickle::Dict;

type Result<T> = std::result::Result<T, OptimizerError>;

/// Lion ([arXiv 2302.06675](https://arxiv.org/abs/2302.06675)): steps by the sign of a mean of gradients.
#[derive(Clone, Debug)]
pub struct Lion {
    /// How much of the mean of earlier gradients is in the direction, and in the mean that is kept.
    pub betas: (f64, f64),
}

impl Default for Lion {
    fn default() -> Self {
        Self { betas: (0.9, 0.99) }
    }
}

impl UpdateRule for Lion {
    const NAME: &'static str = "Lion";
    type State = Tensor;

    fn new_state(&self, param: &Tensor) -> Result<Tensor> {
        Ok(param.f_zeros_like()?)
    }

    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        mean: &mut Tensor,
    ) -> Result<()> {
        let direction = mean.f_lerp(grad, 1.0 - self.betas.0)?.f_sign()?;
        let _ = param.f_mul_scalar_(1.0 - group.lr * group.weight_decay)?;
        let _ = param.f_sub_(&direction.f_mul_scalar(group.lr)?)?;
        let _ = mean.f_lerp_(grad, 1.0 - self.betas.1)?;
        Ok(())
    }

    fn options(&self) -> Dict {
        Dict::new()
            .with("beta1", self.betas.0)
            .with("beta2", self.betas.1)
    }

    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        Ok(Self {
            betas: (saved.number("beta1")?, saved.number("beta2")?),
        })
    }

    fn pack(mean: &Tensor) -> Dict {
        Dict::new().with("exp_avg", mean.shallow_clone())
    }

    fn unpack(&self, saved: &SavedState<'_>) -> Result<Tensor> {
        saved.tensor("exp_avg")
    }
}

use std::fmt::Debug;

use tch::Tensor;
use trainer_torch::pickle::Dict;

use super::error::Result;
use super::{ParamGroup, SavedGroup, SavedState};

/// The arithmetic of an optimizer. The type that implements it holds the hyper-parameters beside learning rate and weight decay,
/// which the groups hold.
///
/// [`RuleOptimizer`](super::RuleOptimizer) makes an optimizer of it: groups, the states of the weights, and a state dict of PyTorch's form,
/// from which a run resumes. All optimizers of this module are made so. A rule of one's own, Lion
/// ([arXiv 2302.06675](https://arxiv.org/abs/2302.06675)):
///
/// ```
/// use tch::{Kind, Tensor};
/// use trainer_core::optimizer::{
///     Optimizer, OptimizerError, ParamGroup, RuleOptimizer, SavedGroup, SavedState, UpdateRule,
/// };
/// use trainer_torch::{pickle::Dict, pointwise};
///
/// #[derive(Clone, Debug)]
/// struct Lion {
///     betas: (f64, f64),
/// }
///
/// impl UpdateRule for Lion {
///     const NAME: &'static str = "Lion";
///     type State = Tensor;
///
///     fn new_state(&self, param: &Tensor) -> Result<Tensor, OptimizerError> {
///         Ok(param.f_zeros_like()?)
///     }
///     fn update(
///         &self, group: &ParamGroup, param: &mut Tensor, grad: &Tensor, exp_avg: &mut Tensor,
///     ) -> Result<(), OptimizerError> {
///         let direction = exp_avg.f_lerp(grad, 1.0 - self.betas.0)?.f_sign()?;
///         let _ = param.f_mul_scalar_(1.0 - group.lr * group.weight_decay)?;
///         pointwise::add_(param, &direction, -group.lr)?;
///         let _ = exp_avg.f_lerp_(grad, 1.0 - self.betas.1)?;
///         Ok(())
///     }
///     fn options(&self) -> Dict {
///         Dict::new().with("beta1", self.betas.0).with("beta2", self.betas.1)
///     }
///     fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self, OptimizerError> {
///         Ok(Self { betas: (saved.number("beta1")?, saved.number("beta2")?) })
///     }
///     fn pack(exp_avg: &Tensor) -> Dict {
///         Dict::new().with("exp_avg", exp_avg.shallow_clone())
///     }
///     fn unpack(&self, saved: &SavedState<'_>) -> Result<Tensor, OptimizerError> {
///         saved.tensor("exp_avg")
///     }
/// }
///
/// let weight = Tensor::from_slice(&[1.0f32, -1.0]).f_set_requires_grad(true)?;
/// let group = ParamGroup::new([("weight".to_owned(), weight.shallow_clone())], 0.25, 0.0);
/// let mut optimizer = RuleOptimizer::new(vec![group], Lion { betas: (0.9, 0.99) })?;
/// weight.f_square()?.f_sum(Kind::Float)?.f_backward()?;
/// optimizer.step()?;
/// assert_eq!(Vec::<f32>::try_from(&weight.detach())?, [0.75, -0.75]);
///
/// let state = optimizer.state_dict()?; // what `optimizer.pt` of a checkpoint holds
/// optimizer.load_state_dict(&state)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait UpdateRule: Clone + Debug + Send {
    /// The name that errors give the optimizer: PyTorch's, where PyTorch has it.
    const NAME: &'static str;

    /// Whether the states are made with the optimizer instead of by the first step, so that a state dict must have one for each weight.
    const STATE_AT_START: bool = false;

    /// What is kept of one weight from step to step.
    type State: Debug + Send;

    /// Checks the ranges of the hyper-parameters: those that an optimizer is made with, and those of a state dict. By default all are taken.
    ///
    /// # Errors
    /// [`OptimizerError::Config`](super::OptimizerError::Config) names the wrong one; no optimizer is made, no state loaded.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The state of a weight that no step has changed yet, on the weight's device.
    ///
    /// # Errors
    /// libtorch's, such as no memory. They end the step, before any weight of the group was changed.
    fn new_state(&self, param: &Tensor) -> Result<Self::State>;

    /// Changes one weight and its state in place, by its gradient, which has the weight's shape, dtype and device and must stay as it is.
    /// Autograd does not record it. `group` has the learning rate and the weight decay.
    ///
    /// # Errors
    /// libtorch's. They end the step where it is.
    fn update(
        &self,
        group: &ParamGroup,
        param: &mut Tensor,
        grad: &Tensor,
        state: &mut Self::State,
    ) -> Result<()>;

    /// Changes all weights of a group that have a gradient, in the group's order. By default [one after the other](Self::update); a
    /// rule with a kernel for many weights calls it here.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    fn update_group(
        &self,
        group: &ParamGroup,
        members: Vec<Member<'_, Self::State>>,
    ) -> Result<()> {
        for mut member in members {
            self.update(group, &mut member.param, &member.grad, member.state)?;
        }
        Ok(())
    }

    /// The hyper-parameters as a group of the state dict holds them: PyTorch's keys in PyTorch's order, without learning rate and weight
    /// decay. By default none.
    fn options(&self) -> Dict {
        Dict::new()
    }

    /// The rule with the hyper-parameters that [`options`](Self::options) wrote. By default it stays as it is.
    ///
    /// # Errors
    /// When a key is missing or its value of the wrong kind. Ranges are left to [`check`](Self::check).
    fn with_options(&self, saved: &SavedGroup<'_>) -> Result<Self> {
        let _ = saved;
        Ok(self.clone())
    }

    /// A weight's state as the state dict holds it: PyTorch's keys in PyTorch's order. Tensors are handed out, not copied. A state without
    /// entries is left out.
    fn pack(state: &Self::State) -> Dict {
        let _ = state;
        Dict::new()
    }

    /// Reads what [`pack`](Self::pack) wrote. Tensors of the state dict belong to it: the state needs copies, which the methods of
    /// [`SavedState`] make.
    ///
    /// # Errors
    /// When a key is missing, or its value does not fit the weight.
    fn unpack(&self, saved: &SavedState<'_>) -> Result<Self::State>;
}

/// A weight that a step changes.
#[derive(Debug)]
pub struct Member<'a, S> {
    /// The weight.
    pub param: Tensor,
    /// Its gradient, of the same shape, dtype and device.
    pub grad: Tensor,
    /// What is kept of it.
    pub state: &'a mut S,
}

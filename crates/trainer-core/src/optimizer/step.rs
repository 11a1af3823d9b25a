use std::fmt::Debug;

use trainer_torch::{grad, pickle::Value};

use super::ParamGroup;
use super::error::Result;

/// Changes weights by their gradients.
///
/// One of one's own is best made of an [`UpdateRule`](super::UpdateRule), by a [`RuleOptimizer`](super::RuleOptimizer); this trait is for
/// those that do not work weight by weight.
///
/// ```
/// use tch::{Device, Kind, Tensor};
/// use trainer_core::optimizer::{AdamW, AdamWConfig, Optimizer, ParamGroup, clip_grad_norm_};
///
/// let weight = Tensor::f_ones([3], (Kind::Float, Device::Cpu))?.f_set_requires_grad(true)?;
/// let group = ParamGroup::new([("weight".to_owned(), weight.shallow_clone())], 0.1, 0.01);
/// let mut optimizer = AdamW::new(vec![group], AdamWConfig::default())?;
/// for _ in 0..3 {
///     weight.f_square()?.f_sum(Kind::Float)?.f_backward()?;
///     let norm = clip_grad_norm_(&optimizer.param_groups()[0].params, 1.0)?;
///     optimizer.step()?;
///     optimizer.zero_grad()?;
///     assert!(norm.f_double_value(&[])? > 1.0);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Optimizer: Debug + Send {
    /// Changes every weight that has a gradient, in place. Weights without one are left alone, and so is their state.
    ///
    /// # Errors
    /// libtorch's, such as no memory for the state, which the first step makes. The run ends; some weights may have been changed.
    fn step(&mut self) -> Result<()>;

    /// Drops all gradients: PyTorch's `zero_grad(set_to_none=True)`.
    ///
    /// # Errors
    /// None in practice.
    fn zero_grad(&mut self) -> Result<()> {
        for tensor in self.param_groups().iter().flat_map(|group| &group.params) {
            grad::set_to_none(tensor)?;
        }
        Ok(())
    }

    /// The groups, in order.
    fn param_groups(&self) -> &[ParamGroup];

    /// The groups, for schedules that set the learning rate. Weights must stay as they are.
    fn param_groups_mut(&mut self) -> &mut [ParamGroup];

    /// All that a resumed run needs, in the form of PyTorch's optimizer of the same name: `torch.save` of it, through
    /// [`trainer_torch::pickle::save`], is Python's `optimizer.pt`. Tensors are the optimizer's own: save before stepping.
    ///
    /// # Errors
    /// libtorch's.
    fn state_dict(&self) -> Result<Value>;

    /// Takes over a state that [`state_dict`](Self::state_dict) or Python gave, hyper-parameters of the groups included, as
    /// PyTorch does.
    ///
    /// # Errors
    /// When groups, parameters or shapes differ, or the state is another optimizer's; nothing is changed then.
    fn load_state_dict(&mut self, state: &Value) -> Result<()>;
}

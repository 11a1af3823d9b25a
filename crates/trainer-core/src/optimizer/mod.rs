//! Optimizers: what a step does to the weights, and the state that a resumed run needs back.
//!
//! Each does PyTorch's operations in PyTorch's order, so that weights are the same to the bit on the same machine, and
//! reads and writes PyTorch's `state_dict`. One file an optimizer.
mod adafactor;
mod adagrad;
mod adamw;
mod clip;
mod decay;
mod error;
mod from_arguments;
mod gradients;
mod group;
mod power;
mod rmsprop;
mod sgd;
mod state_dict;
mod step;

pub use adafactor::{Adafactor, AdafactorConfig};
pub use adagrad::{Adagrad, AdagradConfig};
pub use adamw::{AdamW, AdamWConfig};
pub use clip::clip_grad_norm_;
pub use decay::{decay_parameter_groups, is_decayed};
pub use error::OptimizerError;
pub use from_arguments::create_optimizer;
pub use group::ParamGroup;
pub(crate) use power::pow;
pub use rmsprop::{RmsProp, RmsPropConfig};
pub use sgd::{Sgd, SgdConfig};
pub use step::Optimizer;

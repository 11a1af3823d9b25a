//! Optimizers: what a step does to the weights, and the state that a resumed run needs back.
//!
//! Each does PyTorch's operations in PyTorch's order, so that weights are the same to the bit on the same machine, and
//! reads and writes PyTorch's `state_dict`.
//!
//! An optimizer is an [`UpdateRule`], its arithmetic, in a [`RuleOptimizer`], which holds the groups and the states of their weights,
//! and writes and reads them. One file a rule, and one row in `named.rs` for its name among the arguments.
mod adafactor;
mod adagrad;
mod adamw;
mod adamw_fused;
mod alike;
mod clip;
mod decay;
mod error;
mod from_arguments;
mod group;
mod named;
mod power;
mod range;
mod rmsprop;
mod rule_optimizer;
mod saved;
mod second_moment;
mod sgd;
mod state_dict;
mod step;
mod update_rule;

pub use adafactor::{Adafactor, AdafactorConfig, AdafactorState};
pub use adagrad::{Adagrad, AdagradConfig, AdagradState};
pub use adamw::{AdamW, AdamWConfig, AdamWState};
pub(crate) use alike::by_device_and_kind;
pub use clip::clip_grad_norm_;
pub use decay::{decay_parameter_groups, is_decayed};
pub use error::OptimizerError;
pub use from_arguments::create_optimizer;
pub use group::ParamGroup;
pub(crate) use named::is_named;
pub(crate) use power::pow;
pub use rmsprop::{RmsProp, RmsPropConfig, RmsPropState};
pub use rule_optimizer::RuleOptimizer;
pub use saved::{SavedGroup, SavedState, step_tensor};
pub use sgd::{Sgd, SgdConfig};
pub use step::Optimizer;
pub use update_rule::{Member, UpdateRule};

//! Layers that families share. What a layer computes it is told by a [`Pass`](crate::Pass); its weights have the names that
//! checkpoints give them below the [`Scope`](crate::Scope) it is made in.

mod activated_linear;
mod activation;
mod attend;
mod biased_attention;
mod dropout;
mod embedding;
mod layer_norm;
mod linear;
mod mask;
mod residual_norm;
mod self_attention;

pub use activated_linear::ActivatedLinear;
pub use activation::Activation;
pub use attend::Attend;
pub(crate) use attend::LocalMask;
pub use biased_attention::{AttentionBias, BiasedAttention};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub(crate) use mask::{attention_mask, least_of};
pub use residual_norm::ResidualNorm;
pub use self_attention::SelfAttention;

//! What stands on top of a backbone: from states to named outputs. One file a head; a family chooses
//! ([`Family`](crate::Family)).

mod context_pooled;
mod first_token;
mod masked_lm;
mod pooled;
mod pre_classifier;
mod span;
mod summary;
mod token;

use trainer_collate::NamedTensors;

use crate::construction::Scope;
use crate::layers::Activation;
use crate::{BackboneOutput, Pass, PretrainedConfig, Reads, Result};

pub use context_pooled::ContextPooledHead;
pub use first_token::FirstTokenHead;
pub use masked_lm::MaskedLmHead;
pub use pooled::PooledHead;
pub use pre_classifier::PreClassifierHead;
pub use span::SpanHead;
pub use summary::SummaryHead;
pub use token::TokenHead;

/// Maps the states of a backbone to named outputs, the first dimension of each the rows of the batch.
pub trait Head: std::fmt::Debug + Send {
    /// Which states of the last layer it reads, itself or through the pooler; all of them by default. What nobody reads need not be
    /// computed.
    fn reads(&self) -> Reads {
        Reads::AllTokens
    }

    /// Whether what it gives for a token follows from the state of that token alone. A loss that reads few tokens then has the head
    /// compute these: as the tokens of one row, in a layout without padding. By default it does not, and is given all.
    fn is_token_wise(&self) -> bool {
        false
    }

    /// Computes the outputs.
    ///
    /// # Errors
    /// When the backbone has not what the head reads, or libtorch refuses an operation.
    fn forward(&self, states: &BackboneOutput, pass: Pass<'_>) -> Result<NamedTensors>;
}

/// The numbers that a head is made by.
#[derive(Clone, Copy, Debug)]
pub struct HeadSize<'a> {
    /// Width of the backbone's states.
    pub hidden_size: i64,
    /// How many outputs the head gives for what it scores: labels of a classification.
    pub outputs: i64,
    /// Dropout before the last linear layer.
    pub dropout: f64,
    /// The name under which the model holds the backbone.
    pub base_prefix: &'static str,
    /// What a head that predicts words is made by.
    pub words: Option<Words>,
    /// The model's configuration, for what only one family's heads read.
    pub config: &'a PretrainedConfig,
}

/// The backbone's table of words, and what leads from its states to them.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Name of the table's weight below the backbone, such as `embeddings.word_embeddings.weight`.
    pub table: &'static str,
    /// How many words there are.
    pub count: i64,
    /// Width of their embeddings.
    pub width: i64,
    /// The function between states and embeddings.
    pub activation: Activation,
    /// Added to the variance in the layer norm behind it.
    pub eps: f64,
}

impl Words {
    /// A table where most families have theirs.
    #[must_use]
    pub fn new(count: i64, width: i64, activation: Activation, eps: f64) -> Self {
        Self {
            table: "embeddings.word_embeddings.weight",
            count,
            width,
            activation,
            eps,
        }
    }
}

/// How a head is made.
#[derive(Clone, Copy, Debug)]
pub struct HeadKind {
    /// Whether the head reads the pooled state, so that the backbone is made with a pooler.
    pub reads_pooler: bool,
    /// Makes the head and its weights below a scope, that of the whole model.
    pub build: fn(&Scope<'_>, HeadSize<'_>) -> Result<Box<dyn Head>>,
}

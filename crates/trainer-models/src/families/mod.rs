//! Families of models: one folder a family, and one row in `FAMILIES`.

pub mod albert;
pub mod bert;
pub mod deberta_v2;
pub mod distilbert;
pub mod electra;
pub mod modernbert;
pub mod mpnet;
pub mod roberta;

mod checks;
mod embeddings;
mod encoder;
mod inputs;
mod keys;
mod pooler;
mod registry;
mod tables;
mod text_model;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::construction::Scope;
use crate::heads::{HeadKind, MaskedLmHead, PooledHead, SpanHead, TokenHead, Words};
use crate::{Backbone, PretrainedConfig, Result};

pub use inputs::check_inputs;
pub(crate) use registry::family_of;
pub use registry::register_family;

/// One row a family.
const FAMILIES: &[&dyn Family] = &[
    &albert::Albert,
    &bert::Bert,
    &roberta::CAMEMBERT,
    &deberta_v2::DebertaV2,
    &distilbert::DistilBert,
    &electra::Electra,
    &modernbert::ModernBert,
    &mpnet::Mpnet,
    &roberta::ROBERTA,
    &roberta::XLM_ROBERTA,
];

/// What there is of a family of models: its configuration, its network, and which heads stand on it.
///
/// A family from outside this crate is made known by [`register_family`].
pub trait Family: std::fmt::Debug + Send + Sync {
    /// The `model_type` of its configurations, such as `bert`.
    fn model_type(&self) -> &'static str;

    /// What the names of its classes begin with, such as `Bert` of `BertForSequenceClassification`.
    fn class_name(&self) -> &'static str;

    /// The name under which models with a head hold the backbone; weights of a checkpoint without a head are found below it.
    fn base_prefix(&self) -> &'static str {
        self.model_type()
    }

    /// What `config.json` of this family calls a key that `ModelOptions` sets under BERT's name, by default the same; `None` for one
    /// that this family has not.
    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        Some(key)
    }

    /// Reads the numbers that models of any task are made by. By default `hidden_size` alone.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this family does not have; the error names it.
    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        #[derive(Deserialize)]
        struct Width {
            hidden_size: i64,
        }
        Ok(FamilyConfig::new(config.parse::<Width>()?.hidden_size))
    }

    /// Makes the network and its weights below `scope`, with a pooler where the head reads one.
    ///
    /// # Errors
    /// As [`read_config`](Self::read_config), and where weights cannot be read.
    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        with_pooler: bool,
    ) -> Result<Box<dyn Backbone>>;

    /// Whether models make the head before the backbone, which decides the order of their weights and of what is drawn.
    fn makes_head_first(&self) -> bool {
        false
    }

    /// Whether the labels of sequences decide `problem_type`, for good, where the configuration does not say it. Where they do not, a list of numbers
    /// a row has the shares of the classes, which sum up to 1, and the loss is their cross entropy; what is saved says as little as what was read.
    fn labels_decide_problem_type(&self) -> bool {
        true
    }

    /// The head that scores whole sequences, by default from the pooled states.
    fn sequence_head(&self) -> HeadKind {
        PooledHead::KIND
    }

    /// The head that scores choices, by default from the pooled states.
    fn choice_head(&self) -> HeadKind {
        PooledHead::KIND
    }

    /// The head that predicts words; it needs [`FamilyConfig::words`].
    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::BERT
    }

    /// The head that finds answers, by default without dropout.
    fn answer_head(&self) -> HeadKind {
        SpanHead::KIND
    }

    /// The head that scores every token.
    fn token_head(&self) -> HeadKind {
        TokenHead::KIND
    }
}

/// What models of any task of a family are made by.
#[derive(Clone, Debug)]
pub struct FamilyConfig {
    /// Width of the states.
    pub hidden_size: i64,
    /// Dropout before the last layer of a head for sequences.
    pub head_dropout: f64,
    /// Dropout before a layer that scores tokens.
    pub token_dropout: f64,
    /// Dropout before the last layer of a head for choices.
    pub choice_dropout: f64,
    /// Dropout before a layer that finds answers; most families have none.
    pub answer_dropout: f64,
    /// The table of words, for heads that predict them.
    pub words: Option<Words>,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// The keys of `config.json` with the values they have where the file does not say.
    pub keys: Map<String, Value>,
}

impl FamilyConfig {
    /// Of states of this width, with the usual dropout of 0.1 before heads for sequences, tokens and choices and standard deviation of 0.02.
    #[must_use]
    pub fn new(hidden_size: i64) -> Self {
        Self {
            hidden_size,
            head_dropout: 0.1,
            token_dropout: 0.1,
            choice_dropout: 0.1,
            answer_dropout: 0.0,
            words: None,
            initializer_range: 0.02,
            keys: Map::new(),
        }
    }
}

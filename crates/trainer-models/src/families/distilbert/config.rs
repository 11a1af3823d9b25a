use serde::{Deserialize, Serialize};

use super::network::EPS;
use crate::families::keys::{keys_of, renamed};
use crate::families::{FamilyConfig, checks};
use crate::heads::Words;
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that DistilBERT reads, with Python's defaults (`configuration_distilbert.py`), those of
/// `distilbert-base-uncased`. BERT's names for `dim`, `n_heads` and `n_layers` are read too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DistilBertConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: i64,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: i64,
    /// Whether embeddings of places start as sines and cosines.
    pub sinusoidal_pos_embds: bool,
    /// Number of encoder layers.
    pub n_layers: i64,
    /// Number of attention heads; divides `dim`.
    pub n_heads: i64,
    /// Width of the hidden states.
    pub dim: i64,
    /// Width inside the feed-forward blocks.
    pub hidden_dim: i64,
    /// Dropout after embeddings and feed-forward.
    pub dropout: f64,
    /// Dropout of attention weights.
    pub attention_dropout: f64,
    /// The function inside the feed-forward blocks.
    pub activation: Activation,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// Dropout before the head that answers questions.
    pub qa_dropout: f64,
    /// Dropout before the heads for sequences and choices.
    pub seq_classif_dropout: f64,
    /// The token of padding, whose embedding starts at zero and gets no gradient; a negative number counts from the end of the
    /// vocabulary.
    pub pad_token_id: Option<i64>,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

impl Default for DistilBertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            max_position_embeddings: 512,
            sinusoidal_pos_embds: false,
            n_layers: 6,
            n_heads: 12,
            dim: 768,
            hidden_dim: 3072,
            dropout: 0.1,
            attention_dropout: 0.1,
            activation: Activation::Gelu,
            initializer_range: 0.02,
            qa_dropout: 0.1,
            seq_classif_dropout: 0.2,
            pad_token_id: Some(0),
            tie_word_embeddings: true,
        }
    }
}

/// What Python calls these keys for other families' sake.
const NAMES: &[(&str, &str)] = &[
    ("hidden_size", "dim"),
    ("num_attention_heads", "n_heads"),
    ("num_hidden_layers", "n_layers"),
];

impl DistilBertConfig {
    /// Reads the keys that DistilBERT knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let own: Self = renamed(config, NAMES)?.parse()?;
        own.check()
            .map_err(|reason| Error::config(config.origin(), reason))?;
        Ok(own)
    }

    /// What models of any task are made by.
    pub(super) fn family_config(&self) -> FamilyConfig {
        FamilyConfig {
            hidden_size: self.dim,
            head_dropout: self.seq_classif_dropout,
            token_dropout: self.dropout,
            choice_dropout: self.seq_classif_dropout,
            answer_dropout: self.qa_dropout,
            words: Some(Words::new(self.vocab_size, self.dim, self.activation, EPS)),
            initializer_range: checks::drawn_with(self.initializer_range),
            keys: keys_of(self),
        }
    }

    fn check(&self) -> Result<(), String> {
        checks::sizes(&[
            ("vocab_size", self.vocab_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("n_heads", self.n_heads),
            ("dim", self.dim),
            ("hidden_dim", self.hidden_dim),
        ])?;
        checks::layers("n_layers", self.n_layers)?;
        checks::heads(("n_heads", self.n_heads), ("dim", self.dim))?;
        checks::probabilities(&[
            ("dropout", self.dropout),
            ("attention_dropout", self.attention_dropout),
            ("qa_dropout", self.qa_dropout),
            ("seq_classif_dropout", self.seq_classif_dropout),
        ])?;
        checks::initializer_range(self.initializer_range)?;
        checks::padding(self.pad_token_id, self.vocab_size)
    }
}

impl From<DistilBertConfig> for PretrainedConfig {
    fn from(config: DistilBertConfig) -> Self {
        let mut pretrained = Self::new("distilbert", "DistilBertConfig");
        pretrained.fill_in(keys_of(&config));
        pretrained
    }
}

use serde::{Deserialize, Serialize};

use super::distances::BUCKETS;
use super::network::PADDING;
use crate::families::FamilyConfig;
use crate::families::bert::BertConfig;
use crate::families::checks;
use crate::families::keys::keys_of;
use crate::families::roberta::words;
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that MPNet reads, with Python's defaults (`configuration_mpnet.py`), those of
/// `microsoft/mpnet-base`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MpnetConfig {
    /// Number of tokens in the vocabulary, at least 2: token 1 is padding, whatever `pad_token_id` says.
    pub vocab_size: i64,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Number of encoder layers.
    pub num_hidden_layers: i64,
    /// Number of attention heads; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width inside the feed-forward blocks.
    pub intermediate_size: i64,
    /// The function inside the feed-forward blocks.
    pub hidden_act: Activation,
    /// Dropout after embeddings, attention and feed-forward, and before heads.
    pub hidden_dropout_prob: f64,
    /// Dropout of attention weights.
    pub attention_probs_dropout_prob: f64,
    /// The longest sequence, in tokens, and the two places that no token has: at least 3.
    pub max_position_embeddings: i64,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
    /// Rows of the table of distances, of which the first 32 are read.
    pub relative_attention_num_buckets: i64,
    /// Kept for Python.
    pub pad_token_id: Option<i64>,
    /// Kept for Python.
    pub bos_token_id: Option<i64>,
    /// Kept for Python.
    pub eos_token_id: Option<i64>,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

impl Default for MpnetConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_527,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            hidden_act: Activation::Gelu,
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.1,
            max_position_embeddings: 512,
            initializer_range: 0.02,
            layer_norm_eps: 1e-12,
            relative_attention_num_buckets: BUCKETS,
            pad_token_id: Some(PADDING),
            bos_token_id: Some(0),
            eos_token_id: Some(2),
            tie_word_embeddings: true,
        }
    }
}

impl MpnetConfig {
    /// Reads the keys that MPNet knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let own: Self = config.parse()?;
        own.check(config)
            .map_err(|reason| Error::config(config.origin(), reason))?;
        Ok(own)
    }

    /// What models of any task are made by.
    pub(super) fn family_config(&self) -> FamilyConfig {
        FamilyConfig {
            keys: keys_of(self),
            words: Some(words(&self.bert(), self.hidden_size)),
            ..self.bert().family_config()
        }
    }

    /// What BERT calls the same.
    fn bert(&self) -> BertConfig {
        BertConfig {
            vocab_size: self.vocab_size,
            hidden_size: self.hidden_size,
            num_hidden_layers: self.num_hidden_layers,
            num_attention_heads: self.num_attention_heads,
            intermediate_size: self.intermediate_size,
            hidden_act: self.hidden_act,
            hidden_dropout_prob: self.hidden_dropout_prob,
            attention_probs_dropout_prob: self.attention_probs_dropout_prob,
            max_position_embeddings: self.max_position_embeddings,
            initializer_range: self.initializer_range,
            layer_norm_eps: self.layer_norm_eps,
            pad_token_id: None,
            ..BertConfig::default()
        }
    }

    fn check(&self, config: &PretrainedConfig) -> Result<(), String> {
        self.bert().check(config)?;
        for (key, number, least) in [
            ("vocab_size", self.vocab_size, PADDING + 1),
            (
                "max_position_embeddings",
                self.max_position_embeddings,
                PADDING + 2,
            ),
            (
                "relative_attention_num_buckets",
                self.relative_attention_num_buckets,
                BUCKETS,
            ),
        ] {
            if number < least {
                return Err(format!("{key} must be {least} or more, found {number}"));
            }
        }
        checks::sizes(&[(
            "relative_attention_num_buckets",
            self.relative_attention_num_buckets,
        )])
    }
}

impl From<MpnetConfig> for PretrainedConfig {
    fn from(config: MpnetConfig) -> Self {
        let mut pretrained = Self::new("mpnet", "MPNetConfig");
        pretrained.fill_in(keys_of(&config));
        pretrained
    }
}

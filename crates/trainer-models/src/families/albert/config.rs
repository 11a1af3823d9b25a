use serde::{Deserialize, Serialize};

use crate::families::bert::BertConfig;
use crate::families::keys::keys_of;
use crate::families::{FamilyConfig, checks};
use crate::heads::Words;
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that ALBERT reads, with Python's defaults (`configuration_albert.py`), those of
/// `albert-xxlarge-v2`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlbertConfig {
    /// Number of tokens in the vocabulary.
    pub vocab_size: i64,
    /// Width of the embeddings; a linear layer leads from it to `hidden_size`.
    pub embedding_size: i64,
    /// Width of the hidden states.
    pub hidden_size: i64,
    /// Number of turns that groups of layers have.
    pub num_hidden_layers: i64,
    /// Number of groups with weights of their own, at most `num_hidden_layers`; those share the turns in order.
    pub num_hidden_groups: i64,
    /// Number of attention heads; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width inside the feed-forward blocks.
    pub intermediate_size: i64,
    /// Number of layers in a group.
    pub inner_group_num: i64,
    /// The function inside the feed-forward blocks.
    pub hidden_act: Activation,
    /// Dropout after embeddings and attention.
    pub hidden_dropout_prob: f64,
    /// Dropout of attention weights.
    pub attention_probs_dropout_prob: f64,
    /// The longest sequence, in tokens.
    pub max_position_embeddings: i64,
    /// Number of segments that `token_type_ids` may name.
    pub type_vocab_size: i64,
    /// Standard deviation of weights that are drawn.
    pub initializer_range: f64,
    /// Added to the variance in layer normalisation.
    pub layer_norm_eps: f64,
    /// Dropout before the head.
    pub classifier_dropout_prob: f64,
    /// The token of padding, whose embedding starts at zero and gets no gradient; a negative number counts from the end of the
    /// vocabulary.
    pub pad_token_id: Option<i64>,
    /// Kept for Python.
    pub bos_token_id: Option<i64>,
    /// Kept for Python.
    pub eos_token_id: Option<i64>,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

impl Default for AlbertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_000,
            embedding_size: 128,
            hidden_size: 4096,
            num_hidden_layers: 12,
            num_hidden_groups: 1,
            num_attention_heads: 64,
            intermediate_size: 16_384,
            inner_group_num: 1,
            hidden_act: Activation::GeluNew,
            hidden_dropout_prob: 0.0,
            attention_probs_dropout_prob: 0.0,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            initializer_range: 0.02,
            layer_norm_eps: 1e-12,
            classifier_dropout_prob: 0.1,
            pad_token_id: Some(0),
            bos_token_id: Some(2),
            eos_token_id: Some(3),
            tie_word_embeddings: true,
        }
    }
}

impl AlbertConfig {
    /// Reads the keys that ALBERT knows.
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
        let dropout = self.classifier_dropout_prob;
        FamilyConfig {
            head_dropout: dropout,
            token_dropout: dropout,
            choice_dropout: dropout,
            words: Some(Words::new(
                self.vocab_size,
                self.embedding_size,
                self.hidden_act,
                self.layer_norm_eps,
            )),
            keys: keys_of(self),
            ..self.bert().family_config()
        }
    }

    /// What BERT calls the same.
    pub(super) fn bert(&self) -> BertConfig {
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
            type_vocab_size: self.type_vocab_size,
            initializer_range: self.initializer_range,
            layer_norm_eps: self.layer_norm_eps,
            pad_token_id: self.pad_token_id,
            ..BertConfig::default()
        }
    }

    fn check(&self, config: &PretrainedConfig) -> Result<(), String> {
        checks::sizes(&[
            ("embedding_size", self.embedding_size),
            ("num_hidden_groups", self.num_hidden_groups),
            ("inner_group_num", self.inner_group_num),
        ])?;
        checks::probabilities(&[("classifier_dropout_prob", self.classifier_dropout_prob)])?;
        self.bert().check(config)?;
        checks::layers("num_hidden_groups", self.num_hidden_groups)?;
        checks::layers("inner_group_num", self.inner_group_num)?;
        let computed = self.num_hidden_layers * self.inner_group_num;
        checks::layers("num_hidden_layers times inner_group_num", computed)
    }
}

impl From<AlbertConfig> for PretrainedConfig {
    fn from(config: AlbertConfig) -> Self {
        let mut pretrained = Self::new("albert", "AlbertConfig");
        pretrained.fill_in(keys_of(&config));
        pretrained
    }
}

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::families::FamilyConfig;
use crate::families::checks;
use crate::families::keys::keys_of;
use crate::heads::Words;
use crate::layers::Activation;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that BERT reads, with Python's defaults (`configuration_bert.py`), those of
/// `bert-base-uncased`.
///
/// ```
/// use trainer_models::bert::BertConfig;
/// use trainer_models::{AutoModelForSequenceClassification, Model, num_labels};
///
/// # fn main() -> trainer_models::Result<()> {
/// let small = BertConfig {
///     vocab_size: 100,
///     hidden_size: 16,
///     num_hidden_layers: 2,
///     num_attention_heads: 2,
///     intermediate_size: 32,
///     ..BertConfig::default()
/// };
/// let model = AutoModelForSequenceClassification::from_config(small, num_labels(3))?;
/// assert_eq!(model.parameters().len(), 41);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BertConfig {
    /// Number of tokens in the vocabulary.
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
    /// Dropout after embeddings, attention and feed-forward.
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
    /// The token of padding, whose embedding starts at zero and gets no gradient; a negative number counts from the end of the
    /// vocabulary.
    pub pad_token_id: Option<i64>,
    /// Dropout before the head; `None` takes `hidden_dropout_prob`.
    pub classifier_dropout: Option<f64>,
    /// Kept for Python; only `false` is supported.
    pub is_decoder: bool,
    /// Kept for Python; only `false` is supported.
    pub add_cross_attention: bool,
    /// Kept for Python.
    pub use_cache: bool,
    /// Kept for Python.
    pub tie_word_embeddings: bool,
}

impl Default for BertConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30_522,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            hidden_act: Activation::Gelu,
            hidden_dropout_prob: 0.1,
            attention_probs_dropout_prob: 0.1,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            initializer_range: 0.02,
            layer_norm_eps: 1e-12,
            pad_token_id: Some(0),
            classifier_dropout: None,
            is_decoder: false,
            add_cross_attention: false,
            use_cache: true,
            tie_word_embeddings: true,
        }
    }
}

impl BertConfig {
    /// Reads the keys that BERT knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let bert: Self = config.parse()?;
        bert.check(config)
            .map_err(|reason| Error::config(config.origin(), reason))?;
        Ok(bert)
    }

    /// What models of any task are made by.
    pub(crate) fn family_config(&self) -> FamilyConfig {
        let dropout = self.classifier_dropout.unwrap_or(self.hidden_dropout_prob);
        FamilyConfig {
            hidden_size: self.hidden_size,
            head_dropout: dropout,
            token_dropout: dropout,
            choice_dropout: dropout,
            answer_dropout: 0.0,
            words: Some(Words::new(
                self.vocab_size,
                self.hidden_size,
                self.hidden_act,
                self.layer_norm_eps,
            )),
            initializer_range: checks::drawn_with(self.initializer_range),
            keys: self.to_keys(),
        }
    }

    pub(crate) fn check(&self, config: &PretrainedConfig) -> Result<(), String> {
        checks::sizes(&[
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("num_attention_heads", self.num_attention_heads),
            ("intermediate_size", self.intermediate_size),
            ("max_position_embeddings", self.max_position_embeddings),
            ("type_vocab_size", self.type_vocab_size),
        ])?;
        checks::layers("num_hidden_layers", self.num_hidden_layers)?;
        checks::heads(
            ("num_attention_heads", self.num_attention_heads),
            ("hidden_size", self.hidden_size),
        )?;
        let attention_dropout = self.attention_probs_dropout_prob;
        checks::probabilities(&[
            ("hidden_dropout_prob", self.hidden_dropout_prob),
            ("attention_probs_dropout_prob", attention_dropout),
            ("classifier_dropout", self.classifier_dropout.unwrap_or(0.0)),
        ])?;
        checks::initializer_range(self.initializer_range)?;
        checks::padding(self.pad_token_id, self.vocab_size)?;
        if self.is_decoder || self.add_cross_attention {
            return Err("is_decoder and add_cross_attention are not supported".to_owned());
        }
        match config
            .get("position_embedding_type")
            .and_then(Value::as_str)
        {
            None | Some("absolute") => Ok(()),
            Some(other) => Err(format!(
                "position_embedding_type {other:?} is not supported, only \"absolute\" is"
            )),
        }
    }
}

impl From<BertConfig> for PretrainedConfig {
    fn from(config: BertConfig) -> Self {
        let mut pretrained = Self::new("bert", "BertConfig");
        pretrained.fill_in(config.to_keys());
        pretrained
    }
}

impl BertConfig {
    /// The keys as they stand in `config.json`.
    pub(crate) fn to_keys(&self) -> Map<String, Value> {
        keys_of(self)
    }
}

use serde_json::{Map, Value};

use crate::families::bert::BertConfig;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that RoBERTa reads: BERT's, with other defaults (`configuration_roberta.py`).
#[derive(Clone, Debug, PartialEq)]
pub struct RobertaConfig {
    /// BERT's keys. `max_position_embeddings` counts two positions that no token has, and `pad_token_id` is needed:
    /// positions begin behind it.
    pub bert: BertConfig,
}

impl Default for RobertaConfig {
    fn default() -> Self {
        Self::of_type(Self::MODEL_TYPE)
    }
}

impl RobertaConfig {
    /// The `model_type` in `config.json`.
    pub const MODEL_TYPE: &'static str = "roberta";

    /// Reads the keys that RoBERTa knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let mut filled = config.clone();
        filled.fill_in(Self::of_type(config.model_type()?).to_keys());
        let bert = BertConfig::from_pretrained_config(&filled)?;
        let places = -1..bert.max_position_embeddings - 1;
        if !bert.pad_token_id.is_some_and(|pad| places.contains(&pad)) {
            return Err(Error::config(
                config.origin(),
                format!(
                    "pad_token_id must be from -1 to below max_position_embeddings - 1, behind it positions begin; found {}",
                    config.get("pad_token_id").unwrap_or(&Value::Null)
                ),
            ));
        }
        Ok(Self { bert })
    }

    /// With the defaults of this `model_type`: RoBERTa's relatives have another vocabulary.
    pub(super) fn of_type(model_type: &str) -> Self {
        let vocab_size = match model_type {
            Self::MODEL_TYPE => 50_265,
            _ => BertConfig::default().vocab_size,
        };
        Self {
            bert: BertConfig {
                vocab_size,
                pad_token_id: Some(1),
                ..BertConfig::default()
            },
        }
    }

    /// The configuration of a model of this type.
    pub(super) fn into_pretrained(self, model_type: &str, class: &str) -> PretrainedConfig {
        let mut pretrained = PretrainedConfig::new(model_type, class);
        pretrained.fill_in(self.to_keys());
        pretrained
    }

    /// The keys as they stand in `config.json`.
    pub(super) fn to_keys(&self) -> Map<String, Value> {
        let mut keys = self.bert.to_keys();
        keys.insert("bos_token_id".to_owned(), Value::from(0));
        keys.insert("eos_token_id".to_owned(), Value::from(2));
        keys
    }
}

impl From<RobertaConfig> for PretrainedConfig {
    fn from(config: RobertaConfig) -> Self {
        config.into_pretrained(RobertaConfig::MODEL_TYPE, "RobertaConfig")
    }
}

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::families::bert::BertConfig;
use crate::families::checks;
use crate::families::keys::keys_of;
use crate::{Error, PretrainedConfig, Result};

/// The keys of `config.json` that ELECTRA reads: BERT's, with other defaults (`configuration_electra.py`), and the width of the
/// embeddings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElectraConfig {
    /// BERT's keys.
    #[serde(flatten)]
    pub bert: BertConfig,
    /// Width of the embeddings; a linear layer leads from another one to `hidden_size`.
    pub embedding_size: i64,
    /// Which state stands for a choice; for choices only `first` is supported.
    pub summary_type: String,
    /// Whether that state goes through a linear layer; for choices only `true` is supported.
    pub summary_use_proj: bool,
    /// The function behind that layer; for choices only `gelu` is supported.
    pub summary_activation: Option<String>,
    /// Dropout before the head for choices.
    pub summary_last_dropout: f64,
}

impl Default for ElectraConfig {
    fn default() -> Self {
        Self {
            bert: BertConfig {
                hidden_size: 256,
                num_attention_heads: 4,
                intermediate_size: 1024,
                ..BertConfig::default()
            },
            embedding_size: 128,
            summary_type: "first".to_owned(),
            summary_use_proj: true,
            summary_activation: Some("gelu".to_owned()),
            summary_last_dropout: 0.1,
        }
    }
}

impl ElectraConfig {
    /// Reads the keys that ELECTRA knows.
    ///
    /// # Errors
    /// When a value is of the wrong type or out of range, or asks for what this crate does not have; the error names it.
    pub fn from_pretrained_config(config: &PretrainedConfig) -> Result<Self> {
        let mut filled = config.clone();
        filled.fill_in(Self::default().to_keys());
        let own: Self = filled.parse()?;
        let dropout = ("summary_last_dropout", own.summary_last_dropout);
        checks::sizes(&[("embedding_size", own.embedding_size)])
            .and_then(|()| checks::probabilities(&[dropout]))
            .and_then(|()| own.bert.check(config))
            .map_err(|reason| Error::config(config.origin(), reason))?;
        Ok(own)
    }

    /// The keys as they stand in `config.json`.
    pub(super) fn to_keys(&self) -> Map<String, Value> {
        keys_of(self)
    }
}

impl From<ElectraConfig> for PretrainedConfig {
    fn from(config: ElectraConfig) -> Self {
        let mut pretrained = Self::new("electra", "ElectraConfig");
        pretrained.fill_in(config.to_keys());
        pretrained
    }
}

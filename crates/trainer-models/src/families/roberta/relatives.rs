use super::RobertaConfig;
use crate::PretrainedConfig;

/// The keys of `config.json` that XLM-RoBERTa reads: RoBERTa's, with BERT's vocabulary by default
/// (`configuration_xlm_roberta.py`).
#[derive(Clone, Debug, PartialEq)]
pub struct XlmRobertaConfig {
    /// RoBERTa's keys.
    pub roberta: RobertaConfig,
}

/// The keys of `config.json` that CamemBERT reads: RoBERTa's, with BERT's vocabulary by default (`configuration_camembert.py`).
#[derive(Clone, Debug, PartialEq)]
pub struct CamembertConfig {
    /// RoBERTa's keys.
    pub roberta: RobertaConfig,
}

impl XlmRobertaConfig {
    /// The `model_type` in `config.json`.
    pub const MODEL_TYPE: &'static str = "xlm-roberta";
}

impl CamembertConfig {
    /// The `model_type` in `config.json`.
    pub const MODEL_TYPE: &'static str = "camembert";
}

impl Default for XlmRobertaConfig {
    fn default() -> Self {
        Self {
            roberta: RobertaConfig::of_type(Self::MODEL_TYPE),
        }
    }
}

impl Default for CamembertConfig {
    fn default() -> Self {
        Self {
            roberta: RobertaConfig::of_type(Self::MODEL_TYPE),
        }
    }
}

impl From<XlmRobertaConfig> for PretrainedConfig {
    fn from(config: XlmRobertaConfig) -> Self {
        let roberta = config.roberta;
        roberta.into_pretrained(XlmRobertaConfig::MODEL_TYPE, "XLMRobertaConfig")
    }
}

impl From<CamembertConfig> for PretrainedConfig {
    fn from(config: CamembertConfig) -> Self {
        let roberta = config.roberta;
        roberta.into_pretrained(CamembertConfig::MODEL_TYPE, "CamembertConfig")
    }
}

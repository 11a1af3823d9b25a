use super::network::model;
use super::{CamembertConfig, RobertaConfig, XlmRobertaConfig};
use crate::construction::Scope;
use crate::families::bert::BertConfig;
use crate::families::{Family, FamilyConfig};
use crate::heads::{FirstTokenHead, HeadKind, MaskedLmHead, Words};
use crate::layers::Activation;
use crate::{Backbone, PretrainedConfig, Result};

/// A row in the list of families: RoBERTa's, or that of a family with the same network.
#[derive(Debug)]
pub(crate) struct Roberta {
    model_type: &'static str,
    class_name: &'static str,
}

/// RoBERTa's row.
pub(crate) const ROBERTA: Roberta = Roberta {
    model_type: RobertaConfig::MODEL_TYPE,
    class_name: "Roberta",
};

/// XLM-RoBERTa's row.
pub(crate) const XLM_ROBERTA: Roberta = Roberta {
    model_type: XlmRobertaConfig::MODEL_TYPE,
    class_name: "XLMRoberta",
};

/// CamemBERT's row.
pub(crate) const CAMEMBERT: Roberta = Roberta {
    model_type: CamembertConfig::MODEL_TYPE,
    class_name: "Camembert",
};

impl Family for Roberta {
    fn model_type(&self) -> &'static str {
        self.model_type
    }

    fn class_name(&self) -> &'static str {
        self.class_name
    }

    fn base_prefix(&self) -> &'static str {
        "roberta"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        let config = RobertaConfig::from_pretrained_config(config)?;
        Ok(FamilyConfig {
            keys: config.to_keys(),
            choice_dropout: config.bert.hidden_dropout_prob,
            words: Some(words(&config.bert, config.bert.hidden_size)),
            ..config.bert.family_config()
        })
    }

    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = RobertaConfig::from_pretrained_config(config)?;
        Ok(Box::new(model(scope, &config, with_pooler)?))
    }

    fn makes_head_first(&self) -> bool {
        self.model_type != RobertaConfig::MODEL_TYPE
    }

    fn sequence_head(&self) -> HeadKind {
        FirstTokenHead::KIND
    }

    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::ROBERTA
    }
}

/// The words that RoBERTa's head predicts, and those of its relatives: behind GELU, whatever the layers have.
pub(crate) fn words(config: &BertConfig, width: i64) -> Words {
    let (count, eps) = (config.vocab_size, config.layer_norm_eps);
    Words::new(count, width, Activation::Gelu, eps)
}

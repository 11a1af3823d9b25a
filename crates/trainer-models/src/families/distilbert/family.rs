use super::DistilBertConfig;
use super::network::model;
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::{HeadKind, MaskedLmHead, PreClassifierHead};
use crate::{Backbone, PretrainedConfig, Result};

/// DistilBERT's row in the list of families.
#[derive(Debug)]
pub(crate) struct DistilBert;

impl Family for DistilBert {
    fn model_type(&self) -> &'static str {
        "distilbert"
    }

    fn class_name(&self) -> &'static str {
        "DistilBert"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(DistilBertConfig::from_pretrained_config(config)?.family_config())
    }

    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        Some(match key {
            "hidden_dropout_prob" => "dropout",
            "attention_probs_dropout_prob" => "attention_dropout",
            "classifier_dropout" => "seq_classif_dropout",
            other => other,
        })
    }

    /// There is no pooler.
    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        _with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = DistilBertConfig::from_pretrained_config(config)?;
        Ok(Box::new(model(scope, &config)?))
    }

    fn sequence_head(&self) -> HeadKind {
        PreClassifierHead::KIND
    }

    fn choice_head(&self) -> HeadKind {
        PreClassifierHead::KIND
    }

    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::DISTILBERT
    }
}

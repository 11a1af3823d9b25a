use super::AlbertConfig;
use super::network::model;
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::{HeadKind, MaskedLmHead};
use crate::{Backbone, PretrainedConfig, Result};

/// ALBERT's row in the list of families.
#[derive(Debug)]
pub(crate) struct Albert;

impl Family for Albert {
    fn model_type(&self) -> &'static str {
        "albert"
    }

    fn class_name(&self) -> &'static str {
        "Albert"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(AlbertConfig::from_pretrained_config(config)?.family_config())
    }

    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        Some(match key {
            "classifier_dropout" => "classifier_dropout_prob",
            other => other,
        })
    }

    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = AlbertConfig::from_pretrained_config(config)?;
        Ok(Box::new(model(scope, &config, with_pooler)?))
    }

    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::ALBERT
    }
}

use super::RobertaConfig;
use super::network::model;
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::{FirstTokenHead, HeadKind};
use crate::{Backbone, PretrainedConfig, Result};

/// RoBERTa's row in the list of families.
#[derive(Debug)]
pub(crate) struct Roberta;

impl Family for Roberta {
    fn model_type(&self) -> &'static str {
        "roberta"
    }

    fn class_name(&self) -> &'static str {
        "Roberta"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        let config = RobertaConfig::from_pretrained_config(config)?;
        Ok(FamilyConfig {
            keys: config.to_keys(),
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

    fn sequence_head(&self) -> HeadKind {
        FirstTokenHead::KIND
    }
}

use super::MpnetConfig;
use super::network::MpnetModel;
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::{FirstTokenHead, HeadKind, MaskedLmHead};
use crate::{Backbone, PretrainedConfig, Result};

/// MPNet's row in the list of families.
#[derive(Debug)]
pub(crate) struct Mpnet;

impl Family for Mpnet {
    fn model_type(&self) -> &'static str {
        "mpnet"
    }

    fn class_name(&self) -> &'static str {
        "MPNet"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(MpnetConfig::from_pretrained_config(config)?.family_config())
    }

    /// Heads have the dropout of the layers.
    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        Some(key).filter(|key| *key != "classifier_dropout")
    }

    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = MpnetConfig::from_pretrained_config(config)?;
        Ok(Box::new(MpnetModel::new(scope, &config, with_pooler)?))
    }

    fn sequence_head(&self) -> HeadKind {
        FirstTokenHead::KIND
    }

    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::ROBERTA
    }
}

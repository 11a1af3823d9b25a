use super::network::ModernBertModel;
use super::{ModernBertConfig, heads};
use crate::construction::Scope;
use crate::families::{Family, FamilyConfig};
use crate::heads::HeadKind;
use crate::{Backbone, PretrainedConfig, Result};

/// ModernBERT's row in the list of families.
#[derive(Debug)]
pub(crate) struct ModernBert;

impl Family for ModernBert {
    fn model_type(&self) -> &'static str {
        "modernbert"
    }

    fn class_name(&self) -> &'static str {
        "ModernBert"
    }

    fn base_prefix(&self) -> &'static str {
        "model"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(ModernBertConfig::from_pretrained_config(config)?.family_config())
    }

    /// Embeddings and feed-forward blocks have a dropout each.
    fn config_key(&self, key: &'static str) -> Option<&'static str> {
        match key {
            "hidden_dropout_prob" => None,
            "attention_probs_dropout_prob" => Some("attention_dropout"),
            other => Some(other),
        }
    }

    /// There is no pooler: heads make of the states what they need.
    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        _with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = ModernBertConfig::from_pretrained_config(config)?;
        Ok(Box::new(ModernBertModel::new(scope, config)?))
    }

    fn sequence_head(&self) -> HeadKind {
        heads::SEQUENCES
    }

    fn choice_head(&self) -> HeadKind {
        heads::CHOICES
    }

    fn masked_lm_head(&self) -> HeadKind {
        heads::WORDS
    }

    fn answer_head(&self) -> HeadKind {
        heads::ANSWERS
    }

    fn token_head(&self) -> HeadKind {
        heads::TOKENS
    }
}

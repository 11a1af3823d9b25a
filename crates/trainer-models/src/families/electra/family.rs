use super::ElectraConfig;
use crate::construction::Scope;
use crate::families::bert::{embeddings, encoder};
use crate::families::roberta::words;
use crate::families::tables::Tables;
use crate::families::text_model::TextModel;
use crate::families::{Family, FamilyConfig};
use crate::heads::{FirstTokenHead, HeadKind, MaskedLmHead, SummaryHead};
use crate::layers::Linear;
use crate::{Backbone, PretrainedConfig, Result};

/// ELECTRA's row in the list of families.
#[derive(Debug)]
pub(crate) struct Electra;

impl Family for Electra {
    fn model_type(&self) -> &'static str {
        "electra"
    }

    fn class_name(&self) -> &'static str {
        "Electra"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        let config = ElectraConfig::from_pretrained_config(config)?;
        Ok(FamilyConfig {
            keys: config.to_keys(),
            choice_dropout: config.summary_last_dropout,
            words: Some(words(&config.bert, config.embedding_size)),
            ..config.bert.family_config()
        })
    }

    /// There is no pooler.
    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        _with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = ElectraConfig::from_pretrained_config(config)?;
        let (bert, width) = (&config.bert, config.embedding_size);
        let projection = || Linear::new(&(scope / "embeddings_project"), width, bert.hidden_size);
        Ok(Box::new(TextModel {
            tables: Tables {
                words: bert.vocab_size,
                segments: Some(bert.type_vocab_size),
                places: bert.max_position_embeddings,
                padding: None,
            },
            embeddings: embeddings(&(scope / "embeddings"), bert, width)?,
            projection: (width != bert.hidden_size).then(projection).transpose()?,
            encoder: encoder(&(scope / "encoder"), bert)?,
            pooler: None,
        }))
    }

    fn sequence_head(&self) -> HeadKind {
        FirstTokenHead::WITH_GELU
    }

    fn choice_head(&self) -> HeadKind {
        SummaryHead::KIND
    }

    fn masked_lm_head(&self) -> HeadKind {
        MaskedLmHead::ELECTRA
    }
}

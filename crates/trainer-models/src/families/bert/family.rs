use super::{BertConfig, embeddings, encoder};
use crate::construction::Scope;
use crate::families::pooler::Pooler;
use crate::families::tables::Tables;
use crate::families::text_model::TextModel;
use crate::families::{Family, FamilyConfig};
use crate::{Backbone, PretrainedConfig, Result};

/// BERT's row in the list of families.
#[derive(Debug)]
pub(crate) struct Bert;

impl Family for Bert {
    fn model_type(&self) -> &'static str {
        "bert"
    }

    fn class_name(&self) -> &'static str {
        "Bert"
    }

    fn read_config(&self, config: &PretrainedConfig) -> Result<FamilyConfig> {
        Ok(BertConfig::from_pretrained_config(config)?.family_config())
    }

    fn backbone(
        &self,
        scope: &Scope<'_>,
        config: &PretrainedConfig,
        with_pooler: bool,
    ) -> Result<Box<dyn Backbone>> {
        let config = BertConfig::from_pretrained_config(config)?;
        let pooler = || Pooler::new(&(scope / "pooler" / "dense"), config.hidden_size);
        Ok(Box::new(TextModel {
            tables: Tables {
                words: config.vocab_size,
                segments: Some(config.type_vocab_size),
                places: config.max_position_embeddings,
                padding: None,
            },
            embeddings: embeddings(&(scope / "embeddings"), &config, config.hidden_size)?,
            projection: None,
            encoder: encoder(&(scope / "encoder"), &config)?,
            pooler: with_pooler.then(pooler).transpose()?,
        }))
    }
}

use trainer_collate::Batch;

use super::embeddings::embeddings;
use super::{BertConfig, BertEncoder, BertPooler};
use crate::construction::Scope;
use crate::families::embeddings::TextEmbeddings;
use crate::families::inputs::{TEXT_INPUTS, add_positions, check_inputs};
use crate::families::{Family, FamilyConfig};
use crate::{Backbone, BackboneOutput, Pass, PretrainedConfig, Result};

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
        Ok(Box::new(BertModel::new(scope, config, with_pooler)?))
    }
}

/// Embeddings, encoder and, for some heads, the pooler.
#[derive(Debug)]
struct BertModel {
    embeddings: TextEmbeddings,
    encoder: BertEncoder,
    pooler: Option<BertPooler>,
    config: BertConfig,
}

impl BertModel {
    fn new(scope: &Scope<'_>, config: BertConfig, with_pooler: bool) -> Result<Self> {
        let pooler = || BertPooler::new(&(scope / "pooler"), &config);
        Ok(Self {
            embeddings: embeddings(&(scope / "embeddings"), &config)?,
            encoder: BertEncoder::new(&(scope / "encoder"), &config)?,
            pooler: with_pooler.then(pooler).transpose()?,
            config,
        })
    }
}

impl Backbone for BertModel {
    fn input_names(&self) -> &'static [&'static str] {
        TEXT_INPUTS
    }

    fn max_length(&self) -> Option<usize> {
        usize::try_from(self.config.max_position_embeddings).ok()
    }

    /// Adds `position_ids`, which count from 0.
    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        let config = &self.config;
        let longest = config.max_position_embeddings;
        let [rows, length] = check_inputs(
            inputs,
            longest,
            &[
                ("input_ids", config.vocab_size),
                ("token_type_ids", config.type_vocab_size),
                ("position_ids", config.max_position_embeddings),
            ],
        )?;
        if inputs.get("position_ids").is_none() {
            add_positions(inputs, 0..length)?;
        }
        Ok([rows, length])
    }

    fn takes_packed(&self) -> bool {
        true
    }

    fn can_narrow(&self) -> bool {
        true
    }

    fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<BackboneOutput> {
        let embeddings = self.embeddings.forward(inputs, pass)?;
        let states = self.encoder.forward(embeddings, pass)?;
        let pooled = self
            .pooler
            .as_ref()
            .map(|pooler| pooler.forward(&states, pass));
        let pooled = pooled.transpose()?;
        Ok(BackboneOutput::new(states, pooled))
    }
}

use tch::Kind;
use trainer_collate::Batch;

use super::RobertaConfig;
use super::embeddings::embeddings;
use crate::construction::Scope;
use crate::families::bert::{BertEncoder, BertPooler};
use crate::families::embeddings::TextEmbeddings;
use crate::families::inputs::{TEXT_INPUTS, add_positions, check_inputs};
use crate::families::{Family, FamilyConfig};
use crate::heads::{FirstTokenHead, HeadKind};
use crate::{Backbone, BackboneOutput, Pass, PretrainedConfig, Result};

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
        Ok(Box::new(RobertaModel::new(scope, config, with_pooler)?))
    }

    fn sequence_head(&self) -> HeadKind {
        FirstTokenHead::KIND
    }
}

#[derive(Debug)]
struct RobertaModel {
    embeddings: TextEmbeddings,
    encoder: BertEncoder,
    pooler: Option<BertPooler>,
    config: RobertaConfig,
}

impl RobertaModel {
    fn new(scope: &Scope<'_>, config: RobertaConfig, with_pooler: bool) -> Result<Self> {
        let bert = &config.bert;
        let pooler = || BertPooler::new(&(scope / "pooler"), bert);
        Ok(Self {
            embeddings: embeddings(&(scope / "embeddings"), bert)?,
            encoder: BertEncoder::new(&(scope / "encoder"), bert)?,
            pooler: with_pooler.then(pooler).transpose()?,
            config,
        })
    }

    /// The position of padding: those of tokens begin behind it.
    fn padding(&self) -> i64 {
        self.config.bert.pad_token_id.unwrap_or(0)
    }

    fn longest(&self) -> i64 {
        self.config.bert.max_position_embeddings - self.padding() - 1
    }
}

impl Backbone for RobertaModel {
    fn input_names(&self) -> &'static [&'static str] {
        TEXT_INPUTS
    }

    fn max_length(&self) -> Option<usize> {
        usize::try_from(self.longest()).ok()
    }

    /// Adds `position_ids`: the tokens of a row are counted from behind the padding token's number on, padding has that
    /// number itself.
    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        let config = &self.config.bert;
        let padding = self.padding();
        let [rows, length] = check_inputs(
            inputs,
            self.longest(),
            &[
                ("input_ids", config.vocab_size),
                ("token_type_ids", config.type_vocab_size),
                ("position_ids", config.max_position_embeddings),
            ],
        )?;
        if inputs.get("position_ids").is_some() {
            return Ok([rows, length]);
        }
        let Some(ids) = inputs.get("input_ids") else {
            add_positions(inputs, padding + 1..padding + 1 + length)?;
            return Ok([rows, length]);
        };
        let tokens = ids.f_ne(padding)?.f_to_kind(Kind::Int64)?;
        let counted = tokens.f_cumsum(1, Kind::Int64)?.f_mul(&tokens)?;
        inputs.insert("position_ids", counted.f_add_scalar(padding)?);
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

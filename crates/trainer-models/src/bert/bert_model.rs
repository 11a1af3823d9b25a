use std::path::Path;

use tch::Tensor;
use trainer_collate::Batch;

use super::embeddings::{BertEmbeddings, EmbeddingInputs};
use super::encoder::BertEncoder;
use super::pooler::BertPooler;
use super::{BASE_PREFIX, BertConfig};
use crate::base_model::{BaseModel, BaseModelOutput};
use crate::construction::{Construction, Scope};
use crate::layers::bidirectional_mask;
use crate::pretrained::{Build, draw_from_config, load_pretrained, unknown_model_type};
use crate::weights::{Checkpoint, LoadReport, SaveOptions, restore, save_pretrained};
use crate::{Mode, ModelOptions, Parameters, PretrainedConfig, Result};

/// BERT's embeddings, encoder and pooler, without weights' bookkeeping: what every model with a head holds.
#[derive(Debug)]
pub(super) struct BertLayers {
    embeddings: BertEmbeddings,
    encoder: BertEncoder,
    pooler: BertPooler,
}

impl BertLayers {
    pub(super) fn new(scope: &Scope<'_>, config: &BertConfig) -> Result<Self> {
        let layers = Self {
            embeddings: BertEmbeddings::new(&(scope / "embeddings"), config)?,
            encoder: BertEncoder::new(&(scope / "encoder"), config)?,
            pooler: BertPooler::new(&(scope / "pooler"), config)?,
        };
        scope.post_init()?;
        Ok(layers)
    }

    /// The last hidden states, `[batch, length, hidden]`, and the pooled ones, `[batch, hidden]`.
    pub(super) fn forward(&self, batch: &Batch, mode: Mode) -> Result<(Tensor, Tensor)> {
        let inputs = EmbeddingInputs {
            input_ids: batch.get("input_ids"),
            inputs_embeds: batch.get("inputs_embeds"),
            token_type_ids: batch.get("token_type_ids"),
            position_ids: batch.get("position_ids"),
        };
        let embeddings = self.embeddings.forward(&inputs, mode)?;
        let (rows, length, _) = embeddings.size3()?;
        let mask = bidirectional_mask(batch.get("attention_mask"), rows, length)?;
        let last_hidden_state = self.encoder.forward(embeddings, mask.as_ref(), mode)?;
        let pooler_output = self.pooler.forward(&last_hidden_state)?;
        Ok((last_hidden_state, pooler_output))
    }
}

/// BERT without a head: a state for every token, and one for the sequence.
#[derive(Debug)]
pub struct BertModel {
    layers: BertLayers,
    parameters: Parameters,
    config: PretrainedConfig,
}

impl BertModel {
    const ARCHITECTURE: &str = "BertModel";

    /// The model in the folder `name_or_path`, or else the hub's model of that name, and what of its files did not fit.
    ///
    /// # Errors
    /// As [`AutoModel::from_pretrained`](crate::AutoModel::from_pretrained).
    pub fn from_pretrained_with_report(
        name_or_path: &str,
        options: &ModelOptions,
    ) -> Result<(Self, LoadReport)> {
        load_pretrained(name_or_path, options, build_bert(Self::build))
    }

    /// The model with drawn weights, as Python's constructor draws them from the same seed.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn from_config(
        config: impl Into<PretrainedConfig>,
        options: &ModelOptions,
    ) -> Result<Self> {
        draw_from_config(config.into(), options, build_bert(Self::build))
    }

    /// Makes the model with the weights of `checkpoint`, or drawn ones.
    pub(crate) fn build(
        config: PretrainedConfig,
        checkpoint: Option<&Checkpoint>,
        origin: &str,
        options: &ModelOptions,
    ) -> Result<(Self, LoadReport)> {
        let bert = BertConfig::from_pretrained_config(&config)?;
        let construction = Construction::new(
            checkpoint,
            BASE_PREFIX,
            bert.drawing_range(),
            options.ignore_mismatched_sizes,
        );
        let layers = BertLayers::new(&construction.root(), &bert)?;
        let (parameters, report) = construction.finish(Self::ARCHITECTURE, origin)?;
        let mut config = config;
        config.fill_in(bert.to_keys());
        let model = Self {
            layers,
            parameters,
            config,
        };
        Ok((model, report))
    }
}

impl BaseModel for BertModel {
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<BaseModelOutput> {
        let (last_hidden_state, pooled) = self.layers.forward(batch, mode)?;
        Ok(BaseModelOutput {
            last_hidden_state,
            pooler_output: Some(pooled),
        })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn config(&self) -> &PretrainedConfig {
        &self.config
    }

    fn save_pretrained(&self, output_dir: &Path) -> Result<()> {
        let options = SaveOptions::default();
        save_pretrained(
            output_dir,
            &self.parameters,
            &self.config,
            Self::ARCHITECTURE,
            &options,
        )
    }

    fn load_weights(&self, checkpoint: &Path) -> Result<()> {
        restore(&self.parameters, checkpoint, BASE_PREFIX)
    }
}

/// Chooses a builder for configurations of BERT and refuses others.
pub(super) fn build_bert<M>(build: Build<M>) -> impl FnOnce(&PretrainedConfig) -> Result<Build<M>> {
    move |config| match config.model_type()? {
        "bert" => Ok(build),
        other => Err(unknown_model_type(config, other, ["bert"])),
    }
}

/// The tensors of a batch that BERT without a head takes.
pub(super) const BERT_INPUTS: [&str; 5] = [
    "input_ids",
    "attention_mask",
    "token_type_ids",
    "position_ids",
    "inputs_embeds",
];

/// Checks a batch in host memory for numbers outside their embedding tables.
pub(super) fn check_ids(batch: &Batch, config: &BertConfig) -> Result<()> {
    for (name, end) in [
        ("input_ids", config.vocab_size),
        ("token_type_ids", config.type_vocab_size),
        ("position_ids", config.max_position_embeddings),
    ] {
        if let Some(ids) = batch.get(name) {
            check_range(name, ids, end)?;
        }
    }
    Ok(())
}

fn check_range(name: &'static str, ids: &Tensor, end: i64) -> Result<()> {
    if ids.numel() == 0 {
        return Ok(());
    }
    let (least, most) = ids.f_aminmax(None, false)?;
    for extreme in [least.f_int64_value(&[])?, most.f_int64_value(&[])?] {
        if !(0..end).contains(&extreme) {
            return Err(crate::Error::input(
                name,
                format!("numbers in 0..{end}"),
                extreme.to_string(),
            ));
        }
    }
    Ok(())
}

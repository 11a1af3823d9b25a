use std::path::Path;

use trainer_collate::Batch;

use super::bert_model::{BERT_INPUTS, BertLayers, build_bert, check_ids};
use super::{BASE_PREFIX, BertConfig};
use crate::construction::Construction;
use crate::heads::SequenceClassificationLoss;
use crate::layers::{Linear, drop_full_mask};
use crate::pretrained::{draw_from_config, load_pretrained};
use crate::weights::{Checkpoint, LoadReport, SaveOptions, restore, save_pretrained};
use crate::{Mode, Model, ModelOptions, ModelOutput, Parameters, PretrainedConfig, Result};

/// BERT with a linear head on the pooled state: one or several labels a row, or regression.
#[derive(Debug)]
pub struct BertForSequenceClassification {
    layers: BertLayers,
    dropout: f64,
    classifier: Linear,
    loss: SequenceClassificationLoss,
    parameters: Parameters,
    bert: BertConfig,
    config: PretrainedConfig,
}

impl BertForSequenceClassification {
    const ARCHITECTURE: &str = "BertForSequenceClassification";

    /// The model in the folder `name_or_path`, or else the hub's model of that name, and what of its files did not fit.
    ///
    /// # Errors
    /// As [`AutoModelForSequenceClassification::from_pretrained`](crate::AutoModelForSequenceClassification::from_pretrained).
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
        let loss = SequenceClassificationLoss::new(&config)?;
        let construction = Construction::new(
            checkpoint,
            BASE_PREFIX,
            bert.drawing_range(),
            options.ignore_mismatched_sizes,
        );
        let root = construction.root();
        let layers = BertLayers::new(&(&root / BASE_PREFIX), &bert)?;
        let classifier = Linear::new(&(&root / "classifier"), bert.hidden_size, loss.num_labels())?;
        let (parameters, report) = construction.finish(Self::ARCHITECTURE, origin)?;
        let mut config = config;
        config.fill_in(bert.to_keys());
        let model = Self {
            layers,
            dropout: bert.classifier_dropout.unwrap_or(bert.hidden_dropout_prob),
            classifier,
            loss,
            parameters,
            bert,
            config,
        };
        Ok((model, report))
    }

    /// [`save_pretrained`](Model::save_pretrained) with a say in how weights are split over files.
    ///
    /// # Errors
    /// When a file cannot be written; the error names it.
    pub fn save_pretrained_with(&self, output_dir: &Path, options: &SaveOptions) -> Result<()> {
        let config = self.config_now();
        save_pretrained(
            output_dir,
            &self.parameters,
            &config,
            Self::ARCHITECTURE,
            options,
        )
    }

    fn config_now(&self) -> PretrainedConfig {
        let mut config = self.config.clone();
        if let Some(problem_type) = self.loss.problem_type() {
            config.set_problem_type(problem_type);
        }
        config
    }
}

impl Model for BertForSequenceClassification {
    /// Takes `input_ids` (or `inputs_embeds`), `attention_mask`, `token_type_ids`, `position_ids` and `labels`; all but
    /// the first may be absent.
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<ModelOutput> {
        let (_, pooled) = self.layers.forward(batch, mode)?;
        let pooled = pooled.f_dropout(self.dropout, mode.is_train())?;
        let logits = self.classifier.forward(&pooled)?;
        let loss = match batch.get("labels") {
            Some(labels) => Some(self.loss.forward(&logits, labels)?),
            None => None,
        };
        Ok(ModelOutput { loss, logits })
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn forward_signature(&self) -> &[&str] {
        &SIGNATURE
    }

    fn loss_items(&self, batch: &Batch) -> Result<i64> {
        batch
            .get("labels")
            .map_or(Ok(0), |labels| self.loss.items(labels))
    }

    fn validate_batch(&self, batch: &Batch) -> Result<()> {
        check_ids(batch, &self.bert)?;
        batch
            .get("labels")
            .map_or(Ok(()), |labels| self.validate_labels(labels))
    }

    fn validate_labels(&self, labels: &tch::Tensor) -> Result<()> {
        self.loss.check(labels)
    }

    fn prepare_batch(&self, batch: Batch) -> Result<Batch> {
        drop_full_mask(batch)
    }

    fn config(&self) -> Option<PretrainedConfig> {
        Some(self.config_now())
    }

    fn save_pretrained(&self, output_dir: &Path) -> Result<()> {
        self.save_pretrained_with(output_dir, &SaveOptions::default())
    }

    fn load_weights(&self, checkpoint: &Path) -> Result<()> {
        restore(&self.parameters, checkpoint, BASE_PREFIX)
    }
}

const SIGNATURE: [&str; 6] = {
    let [ids, mask, types, positions, embeds] = BERT_INPUTS;
    [ids, mask, types, positions, embeds, "labels"]
};

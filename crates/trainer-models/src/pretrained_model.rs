use std::path::Path;

use tch::Tensor;
use trainer_collate::Batch;

use crate::construction::Construction;
use crate::counted_tokens::CountedTokens;
use crate::families::family_of;
use crate::heads::{HeadKind, HeadSize};
use crate::weights::{Checkpoint, LoadReport, SaveOptions, load_weights, save_pretrained};
use crate::{
    Backbone, Compute, Error, Family, FamilyConfig, Head, Layout, Mode, Model, ModelOptions,
    ModelOutput, Parameters, Prepared, PretrainedConfig, Result, Task,
};

/// A backbone with a head and a task: the one [`Model`] of all families and tasks.
#[derive(Debug)]
pub struct PretrainedModel {
    kind: TaskKind,
    backbone: Box<dyn Backbone>,
    head: Box<dyn Head>,
    task: Box<dyn Task>,
    parameters: Parameters,
    config: PretrainedConfig,
    architecture: String,
    base_prefix: &'static str,
    gradient_checkpointing: bool,
    signature: Vec<&'static str>,
}

/// What a model of any family is made for: one row a task, see `auto`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskKind {
    /// What the names of its classes end with, such as `ForSequenceClassification`.
    pub(crate) suffix: &'static str,
    pub(crate) head: fn(&dyn Family) -> HeadKind,
    pub(crate) dropout: fn(&FamilyConfig) -> f64,
    pub(crate) task: fn(&PretrainedConfig) -> Result<Box<dyn Task>>,
}

impl PretrainedModel {
    /// Makes the model with the weights of `checkpoint`, or drawn ones. `origin` names the checkpoint.
    pub(crate) fn build(
        kind: TaskKind,
        config: PretrainedConfig,
        checkpoint: Option<&Checkpoint>,
        origin: &str,
        options: &ModelOptions,
    ) -> Result<(Self, LoadReport)> {
        let family = family_of(&config)?;
        let construction = Construction::new(
            checkpoint,
            family.base_prefix(),
            family.read_config(&config)?.initializer_range,
            options.ignore_mismatched_sizes,
        );
        Self::assemble(kind, config, construction, origin)
    }

    fn assemble(
        kind: TaskKind,
        mut config: PretrainedConfig,
        construction: Construction<'_>,
        origin: &str,
    ) -> Result<(Self, LoadReport)> {
        let family = family_of(&config)?;
        let numbers = family.read_config(&config)?;
        config.fill_in(numbers.keys.clone());
        let task = (kind.task)(&config)?;
        let base_prefix = family.base_prefix();
        let root = construction.root();
        let kind_of_head = (kind.head)(family);
        let size = HeadSize {
            hidden_size: numbers.hidden_size,
            outputs: task.num_outputs(),
            dropout: (kind.dropout)(&numbers),
            base_prefix,
            words: numbers.words,
            config: &config,
        };
        let build_head = || (kind_of_head.build)(&root, size);
        let build_backbone = || -> Result<Box<dyn Backbone>> {
            let scope = &root / base_prefix;
            let backbone = family.backbone(&scope, &config, kind_of_head.reads_pooler)?;
            // Python's base models draw before their heads do.
            construction.post_init()?;
            Ok(backbone)
        };
        let (backbone, head) = match family.makes_head_first() {
            false => {
                let backbone = build_backbone()?;
                (backbone, build_head()?)
            }
            true => {
                let head = build_head()?;
                let undrawn = construction.postpone();
                let backbone = build_backbone()?;
                construction.resume(undrawn);
                (backbone, head)
            }
        };
        let architecture = format!("{}{}", family.class_name(), kind.suffix);
        let (parameters, report) = construction.finish(&architecture, origin)?;
        let inputs = backbone.input_names().iter();
        let model = Self {
            kind,
            signature: inputs.chain(task.label_names()).copied().collect(),
            backbone,
            head,
            task,
            parameters,
            config,
            architecture,
            base_prefix,
            gradient_checkpointing: false,
        };
        Ok((model, report))
    }

    /// The same model once more: layers of its own, which hold the same weights. What is done to a weight in place by one is
    /// seen by the other.
    ///
    /// A model can be handed to another thread but not be used by two. Several threads that compute with the same weights
    /// each have a clone, which costs its handles and no memory for weights.
    ///
    /// ```
    /// use trainer_models::{AutoModelForSequenceClassification, Model, num_labels};
    ///
    /// # fn main() -> trainer_models::Result<()> {
    /// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tiny_bert_3");
    /// let (model, _) = AutoModelForSequenceClassification::from_pretrained_with_report(folder, num_labels(3))?;
    /// let clone = model.shallow_clone()?;
    /// std::thread::spawn(move || clone.parameters().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When libtorch refuses a handle, or a family of one's own asks for other weights than the first time.
    pub fn shallow_clone(&self) -> Result<Self> {
        let construction = Construction::sharing(&self.parameters, self.base_prefix);
        let (clone, _) = Self::assemble(self.kind, self.config_now(), construction, "")?;
        Ok(Self {
            gradient_checkpointing: self.gradient_checkpointing,
            ..clone
        })
    }

    /// The most tokens of a row, special ones included; `None` where the network has no such limit.
    #[must_use]
    pub fn max_length(&self) -> Option<usize> {
        self.backbone.max_length()
    }

    /// [`save_pretrained`](Model::save_pretrained) with a say in how weights are split over files.
    ///
    /// # Errors
    /// When a file cannot be written; the error names it.
    pub fn save_pretrained_with(&self, output_dir: &Path, options: &SaveOptions) -> Result<()> {
        save_pretrained(
            output_dir,
            &self.parameters,
            &self.config_now(),
            &self.architecture,
            options,
        )
    }

    /// The name of its class in Python, such as `BertForSequenceClassification`.
    #[must_use]
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    fn config_now(&self) -> PretrainedConfig {
        let mut config = self.config.clone();
        self.task.update_config(&mut config);
        config
    }

    /// Whether the loss reads what the model gives for tokens that the mask calls padding.
    fn padding_counts(&self, inputs: &Batch, labels: &Batch) -> Result<bool> {
        let Some(mask) = inputs.get("attention_mask") else {
            return Ok(false);
        };
        let padding = mask.f_to_kind(tch::Kind::Bool)?.f_logical_not()?;
        if self.task.scores_padding() && !labels.is_empty() {
            return Ok(padding.f_any()?.f_int64_value(&[])? != 0);
        }
        if !self.task.labels_tokens() {
            return Ok(false);
        }
        for (_, labels) in labels.iter() {
            let counted = labels.f_ne(crate::model::IGNORED_LABEL)?;
            if counted.size() != padding.size()
                || counted
                    .f_logical_and(&padding)?
                    .f_any()?
                    .f_int64_value(&[])?
                    != 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Model for PretrainedModel {
    fn prepare(&self, mut batch: Batch, compute: Compute) -> Result<Prepared> {
        let labels = batch.split_off(self.task.label_names());
        let mut inputs = batch.split_off(self.backbone.input_names());
        let choices = self.task.spread_choices(&mut inputs, &labels)?;
        let size = self.backbone.prepare(&mut inputs)?;
        let num_items = if labels.is_empty() {
            0
        } else {
            self.task.check(&labels)?;
            self.task.num_items(&labels)?
        };
        let may_pack = compute == Compute::Fast && self.backbone.takes_packed();
        let make_layout = match may_pack {
            false => Layout::padded,
            true if !self.padding_counts(&inputs, &labels)? => Layout::packed,
            true if self.backbone.takes_packed_padding() => Layout::packed_with_padding,
            true => Layout::padded,
        };
        let layout = make_layout(&mut inputs, size)?;
        let counted = match &layout {
            Layout::Packed(packed) if self.task.labels_tokens() && self.head.is_token_wise() => {
                CountedTokens::of(&labels, packed)?
            }
            Layout::Packed(_) | Layout::Padded { .. } => None,
        };
        let prepared = Prepared::new(inputs, labels, (layout, compute), num_items);
        Ok(prepared.with_choices(choices).with_counted(counted))
    }

    fn forward(&self, prepared: &Prepared, mode: Mode) -> Result<ModelOutput> {
        let mut pass = prepared.pass(mode);
        if self.backbone.can_narrow() {
            pass.reads = self.head.reads();
        }
        pass.gradient_checkpointing = self.gradient_checkpointing && mode.is_train();
        let states = self.backbone.forward(prepared.inputs(), pass)?;
        if let Some(counted) = prepared.wanted_tokens() {
            let layout = Layout::Padded { mask: None };
            pass.layout = &layout;
            let outputs = self.head.forward(&counted.states(&states)?, pass)?;
            let loss = self.task.loss(&outputs, counted.labels())?;
            return Ok(ModelOutput::default().with_loss(Some(loss)));
        }
        let mut outputs = self.head.forward(&states, pass)?;
        if let Some(choices) = prepared.choices() {
            let beside = |(name, scores): (&str, &Tensor)| -> Result<_> {
                Ok((name.to_owned(), scores.f_view([-1, choices])?))
            };
            outputs = outputs.iter().map(beside).collect::<Result<_>>()?;
        }
        let labels = prepared.labels();
        let loss: Option<Tensor> = match labels.is_empty() {
            true => None,
            false => Some(self.task.loss(&outputs, labels)?),
        };
        Ok(ModelOutput::new(outputs).with_loss(loss))
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn forward_signature(&self) -> &[&str] {
        &self.signature
    }

    fn label_names(&self) -> &[&str] {
        self.task.label_names()
    }

    fn validate_labels(&self, labels: &Batch) -> Result<()> {
        self.task.check(labels)
    }

    fn gradient_checkpointing_enable(&mut self) -> Result<()> {
        if !self.backbone.can_recompute() {
            return Err(Error::GradientCheckpointing(self.architecture.clone()));
        }
        self.gradient_checkpointing = true;
        Ok(())
    }

    fn config(&self) -> Option<PretrainedConfig> {
        Some(self.config_now())
    }

    fn name_labels(&mut self, names: &[String]) -> Option<Vec<String>> {
        self.config.name_labels(names);
        Some(self.config.id2label().into_values().collect())
    }

    fn save_pretrained(&self, output_dir: &Path) -> Result<()> {
        self.save_pretrained_with(output_dir, &SaveOptions::default())
    }

    fn load_weights(&self, checkpoint: &Path) -> Result<()> {
        load_weights(&self.parameters, checkpoint, self.base_prefix)
    }
}

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use tch::Device;
use trainer_collate::{Batch, DataCollatorWithPadding, DefaultDataCollator};
use trainer_data::{BoxError, Collate, Dataset, warning};
use trainer_metrics::{IntoMetric, Metric};
use trainer_models::{Model, ModelOutput, ProblemType};
use trainer_tokenize::Tokenizer;
use trainer_torch::cuda::{self, Loaded};

use super::{ComputeLoss, EvalDataset, ProcessingClass, Trainer};
use crate::callbacks::{
    Callback, CallbackHandler, DefaultFlowCallback, Event, PrinterCallback, ProgressCallback,
};
use crate::{Error, IntervalStrategy, Result, TrainerState, TrainingArguments};

/// The columns that labels are taken from, the first that is there: by the collator that pads, by the one that stacks, and by
/// others, of which nothing is known.
const PADDED: &[&str] = &["label_ids", "label", "labels"];
const STACKED: &[&str] = &["labels", "label", "label_ids"];
const UNKNOWN: &[&str] = &[];

/// Collects what a [`Trainer`] is made of; [`build`](Self::build) checks that it fits together.
#[must_use = "a builder does nothing until it is built"]
pub struct TrainerBuilder {
    model: Box<dyn Model>,
    args: TrainingArguments,
    train_dataset: Option<Dataset>,
    eval_datasets: Vec<EvalDataset>,
    data_collator: Option<Arc<dyn Collate<Batch = Batch>>>,
    processing_class: Option<Box<dyn ProcessingClass>>,
    collators_tokenizer: Option<Box<dyn ProcessingClass>>,
    /// Those of the given collator, and of the one that the processing class brings.
    label_columns: &'static [&'static str],
    default_label_columns: &'static [&'static str],
    compute_metrics: Option<Box<dyn Metric>>,
    compute_loss_func: Option<ComputeLoss>,
    python_losses: bool,
    callbacks: Vec<Box<dyn Callback>>,
}

impl TrainerBuilder {
    pub(super) fn new(model: Box<dyn Model>, args: TrainingArguments) -> Self {
        Self {
            model,
            args,
            train_dataset: None,
            eval_datasets: Vec::new(),
            data_collator: None,
            processing_class: None,
            collators_tokenizer: None,
            label_columns: UNKNOWN,
            default_label_columns: STACKED,
            compute_metrics: None,
            compute_loss_func: None,
            python_losses: false,
            callbacks: Vec::new(),
        }
    }

    /// The set to train on.
    pub fn train_dataset(mut self, dataset: &Dataset) -> Self {
        self.train_dataset = Some(dataset.clone());
        self
    }

    /// The set to evaluate on.
    pub fn eval_dataset(self, dataset: &Dataset) -> Self {
        self.with_eval_dataset(None, dataset)
    }

    /// Another set to evaluate on, whose metrics are named `eval_{name}_…`. May be called for several sets; of two with one
    /// name the last counts.
    pub fn named_eval_dataset(self, name: impl Into<String>, dataset: &Dataset) -> Self {
        self.with_eval_dataset(Some(name.into()), dataset)
    }

    fn with_eval_dataset(mut self, name: Option<String>, dataset: &Dataset) -> Self {
        self.eval_datasets.retain(|set| set.name != name);
        let dataset = dataset.clone();
        self.eval_datasets.push(EvalDataset { name, dataset });
        self
    }

    /// How rows become a batch. By default padding to the longest row when there is a tokenizer, else rows are stacked.
    /// Without a [`processing_class`](Self::processing_class) the tokenizer of a [`DataCollatorWithPadding`] is saved beside
    /// the model.
    pub fn data_collator(mut self, collator: impl Collate<Batch = Batch> + 'static) -> Self {
        let any: &dyn Any = &collator;
        let padding = any.downcast_ref::<DataCollatorWithPadding>();
        self.collators_tokenizer =
            padding.map(|padding| Box::new(padding.tokenizer().clone()) as _);
        self.label_columns = if padding.is_some() {
            PADDED
        } else if any.is::<DefaultDataCollator>() {
            STACKED
        } else {
            UNKNOWN
        };
        self.data_collator = Some(Arc::new(collator));
        self
    }

    /// What prepared the data, usually the tokenizer; it is saved beside the model.
    pub fn processing_class(
        mut self,
        processing_class: &(impl ProcessingClass + Clone + 'static),
    ) -> Self {
        let any: &dyn Any = processing_class;
        self.default_label_columns = if any.is::<Tokenizer>() {
            PADDED
        } else if processing_class.data_collator().is_none() {
            STACKED
        } else {
            UNKNOWN
        };
        self.processing_class = Some(Box::new(processing_class.clone()));
        self
    }

    /// A metric, or a closure from all predictions to metrics: `|p: &EvalPrediction| -> Result<Metrics, _>`.
    pub fn compute_metrics<Kind>(mut self, compute: impl IntoMetric<Kind>) -> Self {
        self.compute_metrics = Some(compute.into_metric());
        self
    }

    /// A loss instead of the model's: a 0-d mean over the labels of the batch that it is given. The model itself sees no
    /// labels then, so that they may be of any form.
    pub fn compute_loss_func(
        mut self,
        compute: impl Fn(&ModelOutput, &Batch) -> Result<tch::Tensor, BoxError> + Send + 'static,
    ) -> Self {
        self.compute_loss_func = Some(Box::new(compute));
        self
    }

    /// Counts losses as the Python Trainer does, errors included, for digits that must equal those of a run in Python:
    ///
    /// * the losses of accumulated batches are added without dividing by their number, so that with
    ///   `gradient_accumulation_steps=N` loss and gradients are `N` times those of one large batch;
    /// * the evaluation loss weights the mean of each batch by its rows and not by its labels that count.
    ///
    /// False by default, which is right; with one batch a step and a label a row both agree.
    pub fn python_losses(mut self, python_losses: bool) -> Self {
        self.python_losses = python_losses;
        self
    }

    /// Adds a callback behind those added before.
    pub fn callback(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Checks the arguments, seeds the generators with `seed`, makes the output folder and moves the model to the device:
    /// the first CUDA device that is found, or the CPU with `use_cpu`. On the CPU the process keeps freed memory from then on
    /// ([`keep_freed_memory`](trainer_torch::memory::keep_freed_memory)).
    ///
    /// # Errors
    /// When the arguments contradict each other or what was given, the output folder cannot be written, or the device
    /// has no room for the model.
    pub fn build(self) -> Result<Trainer> {
        self.args.validate()?;
        if self.args.eval_strategy != IntervalStrategy::No && self.eval_datasets.is_empty() {
            return Err(Error::Setup(format!(
                "eval_strategy is {:?}, which needs an eval_dataset; give one or set eval_strategy to \"no\"",
                self.args.eval_strategy.to_string()
            )));
        }
        crate::set_seed(self.args.seed)?;
        let device = choose_device(self.args.use_cpu)?;
        if device == Device::Cpu {
            trainer_torch::memory::keep_freed_memory();
        }
        let output_dir = self.args.effective_output_dir();
        check_writable(&output_dir)?;
        self.model.parameters().to_device(device)?;
        let label_columns = match &self.data_collator {
            Some(_) => self.label_columns,
            None => self.default_label_columns,
        };
        let data_collator = self
            .data_collator
            .or_else(|| self.processing_class.as_ref()?.data_collator())
            .unwrap_or_else(|| Arc::new(DefaultDataCollator));
        let processing_class = self.processing_class.or(self.collators_tokenizer);
        let mut trainer = Trainer {
            device,
            train_dataset: self.train_dataset,
            eval_datasets: self.eval_datasets,
            data_collator,
            processing_class,
            compute_metrics: self.compute_metrics,
            compute_loss_func: self.compute_loss_func,
            python_losses: self.python_losses,
            label_columns,
            label_smoothing: label_smoothing(&self.args, &*self.model),
            callbacks: handler(self.callbacks, self.args.effective_disable_tqdm()),
            state: TrainerState::default(),
            model: self.model,
            args: self.args,
        };
        trainer.state.stateful_callbacks = trainer.callbacks.states();
        trainer.call(Event::InitEnd)?;
        Ok(trainer)
    }
}

/// The share of label smoothing, which has no meaning for several labels a row.
fn label_smoothing(args: &TrainingArguments, model: &dyn Model) -> f64 {
    let factor = args.label_smoothing_factor;
    let several_labels = model.config().and_then(|config| config.problem_type())
        == Some(ProblemType::MultiLabelClassification);
    if factor > 0.0 && several_labels {
        warning!(
            "label_smoothing_factor is not used: the problem type is multi_label_classification"
        );
        return 0.0;
    }
    factor
}

/// The flow first, the user's own in between, the display last.
fn handler(callbacks: Vec<Box<dyn Callback>>, disable_tqdm: bool) -> CallbackHandler {
    let mut handler = CallbackHandler::default();
    handler.push(Box::new(DefaultFlowCallback));
    for callback in callbacks {
        handler.push(callback);
    }
    handler.push(if disable_tqdm {
        Box::new(PrinterCallback)
    } else {
        Box::new(ProgressCallback::new())
    });
    handler
}

fn choose_device(use_cpu: bool) -> Result<Device> {
    if use_cpu {
        return Ok(Device::Cpu);
    }
    if let Loaded::Failed(message) = cuda::load() {
        warning!("CUDA was found but cannot be used: {message}");
    }
    Ok(cuda::device_if_available()?)
}

/// Makes the output folder and proves that files can be made in it, before hours of training are at stake.
fn check_writable(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::io("create the output folder", folder))?;
    tempfile::NamedTempFile::new_in(folder)
        .map(drop)
        .map_err(Error::io("write into the output folder", folder))
}

use std::sync::Arc;

use tch::{Device, Tensor};
use trainer_collate::{Batch, DefaultDataCollator, NamedTensors};
use trainer_data::{BoxError, Collate, Sampler, warning};
use trainer_metrics::{IntoMetric, Metric};
use trainer_models::{Compute, Model, ModelOutput, Parameters, ProblemType};
use trainer_torch::cuda::{self, Loaded};

use crate::callbacks::{
    Callback, CallbackHandler, DefaultFlowCallback, Event, PrinterCallback, ProgressCallback,
};
use crate::check::name_labels;
use crate::engine::{Engine, PreprocessLogits};
use crate::inputs::{EvalDataset, Inputs};
use crate::journal::Journal;
use crate::loss::{ComputeLoss, Criterion, LabelSmoothing, ModelLoss, PythonLosses};
use crate::optimizer::{Optimizer, ParamGroup};
use crate::precision::Precision;
use crate::processing_class::{CollatorsProcessing, ProcessingClass};
use crate::schedule::Schedule;
use crate::trainer::{MakeOptimizer, MakeSchedule, Trainer};
use crate::{Error, IntervalStrategy, Result, TrainerDataset, TrainerState, TrainingArguments};

/// Collects what a [`Trainer`] is made of; [`build`](Self::build) checks that it fits together.
#[must_use = "a builder does nothing until it is built"]
pub struct TrainerBuilder {
    model: Box<dyn Model>,
    args: TrainingArguments,
    compute: Option<Compute>,
    frozen: Vec<String>,
    train_dataset: Option<TrainerDataset>,
    eval_datasets: Vec<EvalDataset>,
    data_collator: Option<Arc<dyn Collate<Batch = Batch>>>,
    train_sampler: Option<Arc<dyn Sampler>>,
    processing_class: Option<Box<dyn ProcessingClass>>,
    compute_metrics: Option<Box<dyn Metric>>,
    preprocess_logits: Option<PreprocessLogits>,
    criterion: Option<Box<dyn Criterion>>,
    python_losses: bool,
    make_optimizer: Option<MakeOptimizer>,
    make_schedule: Option<MakeSchedule>,
    callbacks: Vec<Box<dyn Callback>>,
}

impl TrainerBuilder {
    pub(crate) fn new(model: Box<dyn Model>, args: TrainingArguments) -> Self {
        Self {
            model,
            args,
            compute: None,
            frozen: Vec::new(),
            train_dataset: None,
            eval_datasets: Vec::new(),
            data_collator: None,
            train_sampler: None,
            processing_class: None,
            compute_metrics: None,
            preprocess_logits: None,
            criterion: None,
            python_losses: false,
            make_optimizer: None,
            make_schedule: None,
            callbacks: Vec::new(),
        }
    }

    /// How the model computes, whatever the argument `compute` says.
    pub fn compute(mut self, compute: Compute) -> Self {
        self.compute = Some(compute);
        self
    }

    /// Weights that do not train: those whose names match, such as `bert.embeddings.*`, see
    /// [`Parameters::freeze`](trainer_models::Parameters::freeze). May be called for several patterns.
    pub fn freeze(mut self, pattern: impl Into<String>) -> Self {
        self.frozen.push(pattern.into());
        self
    }

    /// The set to train on: a [`Dataset`](trainer_data::Dataset), or an [`IterableDataset`](trainer_data::IterableDataset), for which
    /// `max_steps` says how long. A stream that ends before begins again, in its next epoch; a checkpoint keeps where it stands.
    pub fn train_dataset(mut self, dataset: impl Into<TrainerDataset>) -> Self {
        self.train_dataset = Some(dataset.into());
        self
    }

    /// The set to evaluate on, a [`Dataset`](trainer_data::Dataset) or an [`IterableDataset`](trainer_data::IterableDataset).
    pub fn eval_dataset(self, dataset: impl Into<TrainerDataset>) -> Self {
        self.with_eval_dataset(None, dataset.into())
    }

    /// Another set to evaluate on, whose metrics are named `eval_{name}_…`. May be called for several sets; of two with one
    /// name the last counts.
    pub fn named_eval_dataset(
        self,
        name: impl Into<String>,
        dataset: impl Into<TrainerDataset>,
    ) -> Self {
        self.with_eval_dataset(Some(name.into()), dataset.into())
    }

    fn with_eval_dataset(mut self, name: Option<String>, dataset: TrainerDataset) -> Self {
        self.eval_datasets.retain(|set| set.name != name);
        self.eval_datasets.push(EvalDataset { name, dataset });
        self
    }

    /// How rows become a batch. By default padding to the longest row when there is a tokenizer, else rows are stacked.
    /// Without a [`processing_class`](Self::processing_class) the collator's tokenizer is saved beside the model.
    pub fn data_collator(mut self, collator: impl Collate<Batch = Batch> + 'static) -> Self {
        self.data_collator = Some(Arc::new(collator));
        self
    }

    /// The order in which training reads the rows, in the place of the one that `train_sampling_strategy` chooses. It must
    /// follow from the epoch alone, so that a run can go on in the middle of one.
    pub fn train_sampler(mut self, sampler: impl Sampler + 'static) -> Self {
        self.train_sampler = Some(Arc::new(sampler));
        self
    }

    /// What prepared the data, usually the tokenizer; it is saved beside the model.
    pub fn processing_class(
        mut self,
        processing_class: &(impl ProcessingClass + Clone + 'static),
    ) -> Self {
        self.processing_class = Some(Box::new(processing_class.clone()));
        self
    }

    /// A metric, or a closure from all predictions to metrics: `|p: &EvalPrediction| -> Result<Metrics, _>`.
    pub fn compute_metrics<Kind>(mut self, compute: impl IntoMetric<Kind>) -> Self {
        self.compute_metrics = Some(compute.into_metric());
        self
    }

    /// Changes the model's outputs before they are kept for metrics and predictions, on the device: outputs and labels of a
    /// batch to what is kept. For outputs that are large and of which little is needed, such as the highest score's index.
    pub fn preprocess_logits_for_metrics(
        mut self,
        preprocess: impl Fn(NamedTensors, &Batch) -> Result<NamedTensors, BoxError> + Send + 'static,
    ) -> Self {
        self.preprocess_logits = Some(Box::new(preprocess));
        self
    }

    /// A loss instead of the model's: a 0-d mean over the labels of the batch that it is given. The model itself sees no
    /// labels then, so that they may be of any form.
    pub fn compute_loss_func(
        self,
        compute: impl Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send + 'static,
    ) -> Self {
        self.criterion(ComputeLoss::new(compute))
    }

    /// What the loss of a step is, in the place of the one that model and arguments choose.
    pub fn criterion(mut self, criterion: impl Criterion + 'static) -> Self {
        self.criterion = Some(Box::new(criterion));
        self
    }

    /// An optimizer of one's own, made of the model's weights whenever a training begins, in the place of the one that the
    /// arguments choose.
    ///
    /// ```
    /// use trainer_core::optimizer::{Sgd, SgdConfig, decay_parameter_groups};
    /// # fn example(builder: trainer_core::TrainerBuilder) -> trainer_core::TrainerBuilder {
    /// builder.optimizer(|parameters| {
    ///     let groups = decay_parameter_groups(parameters, 0.0, 1e-2);
    ///     Sgd::new(groups, SgdConfig { momentum: 0.9, ..SgdConfig::default() })
    /// })
    /// # }
    /// ```
    pub fn optimizer<O: Optimizer + 'static, E: Into<BoxError>>(
        mut self,
        make: impl Fn(&Parameters) -> Result<O, E> + Send + 'static,
    ) -> Self {
        self.make_optimizer = Some(Box::new(move |parameters| {
            Ok(Box::new(make(parameters).map_err(Into::into)?))
        }));
        self
    }

    /// A schedule of one's own, made of the optimizer's groups and the number of steps whenever a training begins, in the
    /// place of the one that the arguments choose.
    ///
    /// ```
    /// use trainer_core::schedule::{LambdaLr, ScheduleError};
    /// # fn example(builder: trainer_core::TrainerBuilder) -> trainer_core::TrainerBuilder {
    /// builder.schedule(|groups, _steps| {
    ///     Ok::<_, ScheduleError>(LambdaLr::new(|step| 0.999_f64.powf(step), groups))
    /// })
    /// # }
    /// ```
    pub fn schedule<S: Schedule + 'static, E: Into<BoxError>>(
        mut self,
        make: impl Fn(&mut [ParamGroup], u64) -> Result<S, E> + Send + 'static,
    ) -> Self {
        self.make_schedule = Some(Box::new(move |groups, steps| {
            Ok(Box::new(make(groups, steps).map_err(Into::into)?))
        }));
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

    /// Checks the arguments, seeds the generators with `seed` and moves the model to the device: the first CUDA device that
    /// is found, or the CPU with `use_cpu`. On the CPU the process keeps freed memory from then on
    /// ([`keep_freed_memory`](trainer_torch::memory::keep_freed_memory)). The output folder is made when something is first
    /// written there: by `train` before its first step, or by a call that saves.
    ///
    /// # Errors
    /// When the arguments contradict each other or what was given, the device lacks the precision that they ask for, or has no
    /// room for the model.
    pub fn build(mut self) -> Result<Trainer> {
        if let Some(compute) = self.compute {
            // What is written down and printed is what is done.
            self.args.compute = compute;
        }
        self.args.validate()?;
        if self.args.eval_strategy != IntervalStrategy::No && self.eval_datasets.is_empty() {
            return Err(Error::EvalStrategy(self.args.eval_strategy.to_string()));
        }
        let is_stream = self
            .train_dataset
            .as_ref()
            .is_some_and(TrainerDataset::is_stream);
        if is_stream && self.args.max_steps <= 0 {
            return Err(Error::StreamWithoutMaxSteps);
        }
        if self.args.effective_activation_checkpointing() {
            self.model.gradient_checkpointing_enable()?;
        }
        crate::set_seed(self.args.seed)?;
        let device = choose_device(self.args.use_cpu)?;
        let precision = Precision::new(&self.args, device)?;
        if device == Device::Cpu {
            trainer_torch::memory::keep_freed_memory();
        }
        for pattern in &self.frozen {
            self.model.parameters().freeze(pattern)?;
        }
        self.model.parameters().to_device(device)?;
        let processing = self.processing_class.as_ref();
        let by_default = || processing.and_then(|processing| processing.data_collator());
        let given = self.data_collator.is_some();
        let data_collator = self.data_collator.or_else(by_default);
        let data_collator = data_collator.unwrap_or_else(|| Arc::new(DefaultDataCollator));
        let of_collator = || Box::new(CollatorsProcessing(Arc::clone(&data_collator))) as _;
        let processing_class = match self.processing_class {
            None if given => Some(of_collator()),
            processing_class => processing_class,
        };
        let mut criterion = match self.criterion {
            Some(criterion) => criterion,
            None => criterion_of(&self.args, &*self.model),
        };
        if self.python_losses {
            criterion = Box::new(PythonLosses(criterion));
        }
        let label_names = match &self.args.label_names {
            Some(names) => names.clone(),
            None => self
                .model
                .label_names()
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
        };
        let mut trainer = Trainer {
            engine: Engine {
                model: self.model,
                device,
                compute: self.args.compute,
                precision,
                criterion,
                label_names,
                compute_metrics: self.compute_metrics,
                preprocess_logits: self.preprocess_logits,
            },
            inputs: Inputs {
                train_dataset: self.train_dataset,
                eval_datasets: self.eval_datasets,
                data_collator,
                train_sampler: self.train_sampler,
            },
            journal: Journal {
                callbacks: handler(self.callbacks, self.args.effective_disable_tqdm()),
                state: TrainerState::default(),
                args: self.args,
                processing_class,
            },
            make_optimizer: self.make_optimizer,
            make_schedule: self.make_schedule,
        };
        name_labels(&trainer.inputs, &mut *trainer.engine.model);
        let journal = &mut trainer.journal;
        journal.state.stateful_callbacks = journal.callbacks.states();
        journal.call(Event::InitEnd)?;
        Ok(trainer)
    }
}

/// The smoothed loss where the arguments ask for it, which has no meaning for several labels a row; else the model's.
fn criterion_of(args: &TrainingArguments, model: &dyn Model) -> Box<dyn Criterion> {
    let epsilon = args.label_smoothing_factor;
    if epsilon <= 0.0 {
        return Box::new(ModelLoss);
    }
    let several_labels = model.config().and_then(|config| config.problem_type())
        == Some(ProblemType::MultiLabelClassification);
    if several_labels {
        warning!(
            "label_smoothing_factor is not used: the problem type is multi_label_classification"
        );
        return Box::new(ModelLoss);
    }
    Box::new(LabelSmoothing { epsilon })
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

/// The device that programs compute on: the first CUDA device that is found, or the CPU where there is none or `use_cpu` asks
/// for it. CUDA that is there and cannot be used is told in a warning.
///
/// # Errors
/// CUDA's, when the driver fails.
pub fn choose_device(use_cpu: bool) -> Result<Device> {
    if use_cpu {
        return Ok(Device::Cpu);
    }
    if let Loaded::Failed(message) = cuda::load() {
        warning!("CUDA was found but cannot be used: {message}");
    }
    Ok(cuda::device_if_available()?)
}

impl std::fmt::Debug for TrainerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrainerBuilder")
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

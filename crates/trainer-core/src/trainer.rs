use std::sync::Arc;
use std::time::Instant;

use tch::Device;
use trainer_collate::Batch;
use trainer_data::{BoxError, DataLoader, Dataset};
use trainer_metrics::{EvalPrediction, IGNORED_LABEL};
use trainer_models::{Model, Parameters};

use crate::batch_source::BatchSource;
use crate::builder::TrainerBuilder;
use crate::callbacks::{Callback, Event};
use crate::check::check;
use crate::checkpoint::{OutputLock, checkpoint_to_resume, resume, tidy};
use crate::engine::Engine;
use crate::grad_scaler::GradScaler;
use crate::inputs::Inputs;
use crate::journal::Journal;
use crate::loops::{TakePredictions, evaluate_all, evaluate_on, evaluation_loop, finish, fit};
use crate::loss::RunningLoss;
use crate::optimizer::{Optimizer, ParamGroup, create_optimizer};
use crate::plan::TrainingPlan;
use crate::profile::Profile;
use crate::run::Run;
use crate::schedule::{LrScheduler, Schedule};
use crate::{
    Error, Logs, PredictionOutput, Result, TrainOutput, TrainerDataset, TrainerState,
    TrainingArguments, report,
};

/// Makes an optimizer of the user's own for the model's weights.
pub(crate) type MakeOptimizer =
    Box<dyn Fn(&Parameters) -> Result<Box<dyn Optimizer>, BoxError> + Send>;

/// Makes a schedule of the user's own for the optimizer's groups and so many steps.
pub(crate) type MakeSchedule =
    Box<dyn Fn(&mut [ParamGroup], u64) -> Result<Box<dyn Schedule>, BoxError> + Send>;

/// Trains, evaluates and predicts with a model; Hugging Face's `Trainer`.
///
/// ```no_run
/// use trainer_core::{Trainer, TrainingArguments};
/// # fn example(model: Box<dyn trainer_models::Model>, train: trainer_data::Dataset, eval: trainer_data::Dataset)
/// # -> trainer_core::Result<()> {
/// let mut trainer = Trainer::builder(model, TrainingArguments::new("out"))
///     .train_dataset(&train)
///     .eval_dataset(&eval)
///     .build()?;
/// trainer.train()?;
/// let metrics = trainer.evaluate()?;
/// println!("{:?}", metrics.get_f64("eval_loss"));
/// # Ok(())
/// # }
/// ```
pub struct Trainer {
    pub(crate) engine: Engine,
    pub(crate) inputs: Inputs,
    pub(crate) journal: Journal,
    pub(crate) make_optimizer: Option<MakeOptimizer>,
    pub(crate) make_schedule: Option<MakeSchedule>,
}

impl Trainer {
    /// Begins a trainer for `model`. Only a training set or an evaluation set is needed beside it.
    pub fn builder(model: impl Model + 'static, args: TrainingArguments) -> TrainerBuilder {
        TrainerBuilder::new(Box::new(model), args)
    }

    /// Trains, and where `resume_from_checkpoint` is set goes on from that checkpoint (`last` for the newest whole one
    /// in the output folder).
    ///
    /// ```text
    /// for each epoch:                                 EpochBegin
    ///     for each window of accumulated batches:     StepBegin
    ///         forward, backward of each batch         SubstepEnd between two
    ///         clip                                    PreOptimizerStep
    ///         step of the optimizer                   OptimizerStep
    ///         step of the schedule, gradients off     StepEnd
    ///         log, evaluate, save where asked for     Log, PredictionStep…, Evaluate, Save
    ///     log, evaluate, save where asked for         EpochEnd first
    /// ```
    ///
    /// Where the log shows the target `trainer_core::profile` at the level debug (programs that call `trainer::log_to_stderr`:
    /// `--log_level debug`, or `RUST_LOG=trainer_core::profile=debug` for it alone), the seconds and shares of loading data,
    /// preparing batches, forward, backward, clipping, the optimizer and the rest are told at the end. They are times of the
    /// host, which does not wait for a GPU.
    ///
    /// # Errors
    /// When there is nothing to train on, the data does not fit the model, a checkpoint cannot be read or written, another
    /// training is writing into the output folder, or a callback ends the run.
    pub fn train(&mut self) -> Result<TrainOutput> {
        let output_dir = self.journal.writable_output_dir()?;
        let _lock = OutputLock::take(&output_dir)?;
        tidy(&output_dir)?;
        let checkpoint = checkpoint_to_resume(&self.journal)?;
        let source = self.inputs.train_source(&self.journal.args, self.model())?;
        check(&self.inputs, &self.journal.args, &self.engine)?;
        let num_trainable = self.engine.model.parameters().num_elements(true);
        let args = &self.journal.args;
        let plan = match &source {
            BatchSource::Rows(loader) => {
                TrainingPlan::new(args, loader.num_examples(), loader.len(), num_trainable)?
            }
            BatchSource::Stream(_) => TrainingPlan::of_stream(args, num_trainable)?,
        };
        plan.announce(self.engine.device, self.engine.compute);
        self.journal.reset_state(&plan);
        let mut run = self.new_run(plan)?;
        // A call that failed inside a window has left gradients.
        run.optimizer.zero_grad()?;
        let (engine, inputs, journal) = (&mut self.engine, &self.inputs, &mut self.journal);
        if let Some(checkpoint) = checkpoint {
            resume(engine, journal, &mut run, &checkpoint)?;
        }
        fit(engine, inputs, journal, &mut run, &source)?;
        finish(engine, journal, run)
    }

    fn new_run(&self, plan: TrainingPlan) -> Result<Run> {
        let args = &self.journal.args;
        let parameters = self.engine.model.parameters();
        let mut optimizer = match &self.make_optimizer {
            Some(make) => make(parameters).map_err(Error::own("optimizer"))?,
            None => create_optimizer(args, parameters)?,
        };
        let groups = optimizer.param_groups_mut();
        let schedule: Box<dyn Schedule> = match &self.make_schedule {
            Some(make) => make(groups, plan.max_steps).map_err(Error::own("schedule"))?,
            None => {
                let kwargs = args.lr_scheduler_kwargs.clone().unwrap_or_default();
                let warmup = args.get_warmup_steps(plan.max_steps);
                let kind = args.lr_scheduler_type;
                let schedule = LrScheduler::new(kind, &kwargs, warmup, plan.max_steps, groups)?;
                Box::new(schedule)
            }
        };
        Ok(Run {
            plan,
            optimizer,
            schedule,
            scaler: match self.engine.precision.scales_losses() {
                true => Some(GradScaler::new(self.engine.device)?),
                false => None,
            },
            loss: RunningLoss::new(self.engine.device, 0)?,
            grad_norm: None,
            learning_rate: 0.0,
            flos: 0.0,
            num_non_embedding: self.engine.model.num_non_embedding_elements(),
            rng_to_restore: None,
            resumed_rng: None,
            collator: Arc::clone(&self.inputs.data_collator),
            before_next: None,
            draws_order: self.inputs.draws_order(args),
            before_order: None,
            position: None,
            start: Instant::now(),
            profile: Profile::begin(),
            first_step: 0,
            first_tokens: 0,
        })
    }

    /// Evaluates on the evaluation set and logs the metrics, named `eval_…`. With several named sets each is evaluated and
    /// logged in turn, named `eval_{name}_…`, and all their metrics are given back.
    ///
    /// # Errors
    /// When there is no evaluation set, or as [`evaluate_on`](Self::evaluate_on).
    pub fn evaluate(&mut self) -> Result<Logs> {
        let (inputs, journal) = (&self.inputs, &mut self.journal);
        self.engine
            .outside_training(|engine| evaluate_all(engine, inputs, journal))
    }

    /// Evaluates on `dataset` and logs the metrics, each named `{metric_key_prefix}_…`.
    ///
    /// The loss is the mean over all labels of the set, however they fall into batches.
    ///
    /// # Errors
    /// When the set is empty or does not fit the model, a metric cannot be computed, or a callback ends the run.
    pub fn evaluate_on(
        &mut self,
        dataset: impl Into<TrainerDataset>,
        metric_key_prefix: &str,
    ) -> Result<Logs> {
        let dataset = &dataset.into();
        let (inputs, journal) = (&self.inputs, &mut self.journal);
        self.engine.outside_training(|engine| {
            evaluate_on(engine, inputs, journal, dataset, metric_key_prefix)
        })
    }

    /// Runs the model over `dataset` and gives back its outputs for every row, the labels, and metrics named `test_…`,
    /// which are not logged.
    ///
    /// # Errors
    /// As [`evaluate_on`](Self::evaluate_on).
    pub fn predict(&mut self, dataset: impl Into<TrainerDataset>) -> Result<PredictionOutput> {
        self.predict_on(dataset, "test")
    }

    /// As [`predict`](Self::predict), with metrics named `{metric_key_prefix}_…`.
    ///
    /// # Errors
    /// As [`evaluate_on`](Self::evaluate_on).
    pub fn predict_on(
        &mut self,
        dataset: impl Into<TrainerDataset>,
        metric_key_prefix: &str,
    ) -> Result<PredictionOutput> {
        let mut kept = Vec::new();
        let metrics = self.predict_with(&dataset.into(), metric_key_prefix, &mut |batch| {
            kept.push(batch);
            Ok(())
        })?;
        let all = EvalPrediction::concatenate(&kept, IGNORED_LABEL)?;
        Ok(PredictionOutput {
            predictions: all.predictions,
            label_ids: all.label_ids,
            metrics,
        })
    }

    /// As [`predict_on`](Self::predict_on) for sets of any size: the outputs and labels of each batch go to `take`, in the order of rows,
    /// and none is kept. Gives back the metrics.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (mut trainer, dataset): (trainer_core::Trainer, trainer_data::Dataset) = unimplemented!();
    /// let mut file = std::io::BufWriter::new(std::fs::File::create("logits.txt")?);
    /// trainer.predict_batches(&dataset, "test", |batch| {
    ///     for row in batch.logits()?.values().collect::<Vec<_>>().chunks(2) {
    ///         std::io::Write::write_fmt(&mut file, format_args!("{row:?}\n"))?;
    ///     }
    ///     Ok(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`evaluate_on`](Self::evaluate_on), and what `take` gives.
    pub fn predict_batches(
        &mut self,
        dataset: impl Into<TrainerDataset>,
        metric_key_prefix: &str,
        mut take: impl FnMut(EvalPrediction) -> Result<(), BoxError>,
    ) -> Result<Logs> {
        self.predict_with(&dataset.into(), metric_key_prefix, &mut |batch| {
            take(batch).map_err(Error::TakePredictions)
        })
    }

    fn predict_with(
        &mut self,
        dataset: &TrainerDataset,
        metric_key_prefix: &str,
        take: &mut TakePredictions<'_>,
    ) -> Result<Logs> {
        let (inputs, journal) = (&self.inputs, &mut self.journal);
        let set = (dataset, metric_key_prefix);
        let metrics = self
            .engine
            .outside_training(|engine| evaluation_loop(engine, inputs, journal, set, Some(take)))?;
        journal.call(Event::Predict(&metrics))?;
        Ok(metrics)
    }

    /// The loader that `train` reads: random or sequential, or in the order of the sampler that was given, with the arguments'
    /// batch size and workers.
    ///
    /// # Errors
    /// When there is no training set, it is a stream, or no column of it is one that the model takes.
    pub fn get_train_dataloader(&self) -> Result<DataLoader<Batch>> {
        self.inputs.train_loader(&self.journal.args, self.model())
    }

    /// The loader that evaluations of `dataset` read: in the order of its rows.
    ///
    /// # Errors
    /// When the data set is empty, or no column of it is one that the model takes.
    pub fn get_eval_dataloader(&self, dataset: &Dataset) -> Result<DataLoader<Batch>> {
        self.inputs
            .eval_loader(dataset, &self.journal.args, self.model())
    }

    /// Writes the model, and what prepared its data, into the output folder, so that `from_pretrained` loads them here
    /// and in Python.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save_model(&self) -> Result<()> {
        self.journal
            .write_model(self.model(), &self.journal.writable_output_dir()?)
    }

    /// Writes `trainer_state.json` into the output folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save_state(&self) -> Result<()> {
        self.journal
            .write_state(&self.journal.writable_output_dir()?)
    }

    /// Adds `epoch` (and the token count, when tokens are counted) to `logs`, keeps them in `log_history` with the step
    /// and tells the callbacks.
    ///
    /// # Errors
    /// A callback's.
    pub fn log(&mut self, logs: &mut Logs) -> Result<()> {
        self.journal.log(logs)
    }

    /// Prints metrics as a table under the title `***** {split} metrics *****`, run times as `H:MM:SS.cc`.
    pub fn log_metrics(&self, split: &str, metrics: &Logs) {
        report::log_metrics(split, metrics);
    }

    /// Writes `{split}_results.json` into the output folder and adds the metrics to `all_results.json` there, beside what that
    /// holds.
    ///
    /// # Errors
    /// When a file cannot be written, or `all_results.json` is not JSON.
    pub fn save_metrics(&self, split: &str, metrics: &Logs) -> Result<()> {
        report::save_metrics(&self.journal.writable_output_dir()?, split, metrics)
    }

    /// Adds a callback behind those there are, the display included.
    pub fn add_callback(&mut self, callback: impl Callback + 'static) {
        self.journal.callbacks.push(Box::new(callback));
    }

    /// Takes out the first callback of this [name](Callback::name), such as `ProgressCallback`.
    pub fn remove_callback(&mut self, name: &str) -> Option<Box<dyn Callback>> {
        self.journal.callbacks.remove(name)
    }

    /// The arguments.
    #[must_use]
    pub fn args(&self) -> &TrainingArguments {
        &self.journal.args
    }

    /// Where the run stands.
    #[must_use]
    pub fn state(&self) -> &TrainerState {
        &self.journal.state
    }

    /// The model, on the trainer's device.
    #[must_use]
    pub fn model(&self) -> &dyn Model {
        &*self.engine.model
    }

    /// The model, for what comes after training; it stays on the trainer's device.
    #[must_use]
    pub fn into_model(self) -> Box<dyn Model> {
        self.engine.model
    }

    /// The device that the model is on.
    #[must_use]
    pub fn device(&self) -> Device {
        self.engine.device
    }
}

impl std::fmt::Debug for Trainer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("device", &self.engine.device)
            .field("output_dir", &self.journal.output_dir())
            .field("global_step", &self.journal.state.global_step)
            .finish_non_exhaustive()
    }
}

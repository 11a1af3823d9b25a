//! The trainer: what it is made of, and one file for each thing it does.

mod builder;
mod checkpointing;
mod data;
mod evaluation;
mod logging;
mod loss;
mod outputs;
mod processing_class;
mod run;
mod step;
mod train;

use std::sync::Arc;

use tch::Device;
use trainer_collate::Batch;
use trainer_data::{Collate, Dataset};
use trainer_metrics::Metric;
use trainer_models::Model;

use crate::callbacks::CallbackHandler;
use crate::{TrainerState, TrainingArguments};

pub use builder::TrainerBuilder;
pub use loss::ComputeLoss;
pub use outputs::{PredictionOutput, TrainOutput};
pub use processing_class::ProcessingClass;

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
    model: Box<dyn Model>,
    args: TrainingArguments,
    device: Device,
    train_dataset: Option<Dataset>,
    eval_datasets: Vec<EvalDataset>,
    data_collator: Arc<dyn Collate<Batch = Batch>>,
    /// What is saved beside the model.
    processing_class: Option<Box<dyn ProcessingClass>>,
    compute_metrics: Option<Box<dyn Metric>>,
    compute_loss_func: Option<ComputeLoss>,
    /// Whether losses are counted as Python counts them, see [`TrainerBuilder::python_losses`].
    python_losses: bool,
    /// Columns of which the collator makes the labels, the one that wins first; none where the collator is not known.
    label_columns: &'static [&'static str],
    /// Share of all classes alike in the targets, 0 for none.
    label_smoothing: f64,
    callbacks: CallbackHandler,
    state: TrainerState,
}

/// A set to evaluate on, and the name in its metrics' prefix where there are several.
struct EvalDataset {
    name: Option<String>,
    dataset: Dataset,
}

impl Trainer {
    /// Begins a trainer for `model`. Only a training set or an evaluation set is needed beside it.
    pub fn builder(model: impl Model + 'static, args: TrainingArguments) -> TrainerBuilder {
        TrainerBuilder::new(Box::new(model), args)
    }

    /// The arguments.
    #[must_use]
    pub fn args(&self) -> &TrainingArguments {
        &self.args
    }

    /// Where the run stands.
    #[must_use]
    pub fn state(&self) -> &TrainerState {
        &self.state
    }

    /// The model, on the trainer's device.
    #[must_use]
    pub fn model(&self) -> &dyn Model {
        &*self.model
    }

    /// The model, for what comes after training; it stays on the trainer's device.
    #[must_use]
    pub fn into_model(self) -> Box<dyn Model> {
        self.model
    }

    /// The device that the model is on.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }
}

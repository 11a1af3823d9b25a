use std::path::{Path, PathBuf};

use trainer_data::BoxError;

use crate::arguments::ArgumentsError;

/// What can end a run. Each error says where: the file, the argument, the step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The arguments contradict each other, or ask for what is not supported.
    #[error(transparent)]
    Arguments(Box<ArgumentsError>),
    /// Training was asked of a trainer without a training set.
    #[error("training needs a train_dataset, and the trainer was built without one")]
    NoTrainDataset,
    /// A stream, which has no length, is to be trained on for epochs.
    #[error(
        "The train_dataset does not implement __len__, so the number of training steps cannot be inferred; max_steps has to be \
         specified. The total number of steps must be known in advance to bound the training loop and to configure the learning \
         rate scheduler."
    )]
    StreamWithoutMaxSteps,
    /// A loader of rows was asked for where there is a stream.
    #[error("the train_dataset is a stream, which an IterableDataLoader reads")]
    TrainsOnStream,
    /// Evaluation was asked of a trainer without an evaluation set.
    #[error("evaluation needs an eval_dataset, and the trainer was built without one")]
    NoEvalDataset,
    /// A data set has no rows.
    #[error("the {0} is empty")]
    EmptyDataset(&'static str),
    /// An evaluation set has no whole batch.
    #[error(
        "there is nothing to evaluate: the evaluation set has {rows} rows, batches have {batch_size} and dataloader_drop_last \
         drops the last"
    )]
    NothingToEvaluate {
        /// Rows of the set.
        rows: usize,
        /// Rows a batch.
        batch_size: usize,
    },
    /// Evaluations are asked for, and there is no set for them.
    #[error(
        "eval_strategy is {0:?}, which needs an eval_dataset; give one or set eval_strategy to \"no\""
    )]
    EvalStrategy(String),
    /// No column of a data set is one that the model takes.
    #[error(
        "No columns in the {dataset} set match the model's forward method signature: ({signature}). The set has {columns}. \
         Was it tokenized?"
    )]
    NoColumns {
        /// Which data set.
        dataset: String,
        /// What the model takes.
        signature: String,
        /// What the set has.
        columns: String,
    },
    /// Labels or first rows of a data set cannot be used.
    #[error("{dataset}: {source}")]
    InDataset {
        /// Which data set.
        dataset: String,
        /// What is wrong with them.
        source: BoxError,
    },
    /// Labels cannot be smoothed.
    #[error("label_smoothing_factor is for classes: {0}. Set it to 0")]
    LabelSmoothing(&'static str),
    /// There is no loss to train with.
    #[error("the model gave no loss for a batch of {0}: it needs a column \"label\" or \"labels\"")]
    NoLoss(String),
    /// An evaluation does not give a metric that something follows.
    #[error("{asked}, but the evaluation has no {name:?}; it has {}", .present.join(", "))]
    MissingMetric {
        /// What follows it.
        asked: String,
        /// The metric's name in an evaluation.
        name: String,
        /// The metrics that the evaluation has.
        present: Vec<String>,
    },
    /// `optim` or `optim_args` ask for what no optimizer is or has.
    #[error("{0}")]
    OptimArgs(String),
    /// The training set has no whole batch.
    #[error(
        "there is nothing to train on: the training set has {rows} rows, batches have {batch_size}{}",
        if *.drop_last { " and dataloader_drop_last drops the last" } else { "" }
    )]
    NothingToTrain {
        /// Rows of the training set.
        rows: usize,
        /// Rows a batch.
        batch_size: usize,
        /// Whether a batch that is not full is left out.
        drop_last: bool,
    },
    /// A run is to go on from its last checkpoint, and there is none that is whole.
    #[error("No valid checkpoint found in output directory ({})", output_dir.display())]
    NoCheckpoint {
        /// Where checkpoints were looked for.
        output_dir: PathBuf,
    },
    /// The best checkpoint, which is to be loaded at the end, is not there any more.
    #[error(
        "load_best_model_at_end: the best checkpoint, {}, is gone, and the last weights are not the best. They are in the last \
         checkpoint; to take them, resume from it with load_best_model_at_end off",
        checkpoint.display()
    )]
    BestIsGone {
        /// Where it was.
        checkpoint: PathBuf,
    },
    /// Another training writes into the output folder.
    #[error(
        "{} is in use: {by} is training into it. Wait until it ends, or give another output_dir",
        output_dir.display()
    )]
    OutputInUse {
        /// The folder.
        output_dir: PathBuf,
        /// Who has it, such as `process 1234`.
        by: String,
    },
    /// The data set, its columns or the collator.
    #[error(transparent)]
    Data(Box<trainer_data::Error>),
    /// A batch lacks what the model takes, or could not be moved to the device.
    #[error(transparent)]
    Batch(Box<trainer_collate::Error>),
    /// The model's forward pass or its files.
    #[error(transparent)]
    Model(Box<trainer_models::Error>),
    /// The metric cannot take these predictions.
    #[error(transparent)]
    Metric(Box<trainer_metrics::MetricError>),
    /// `compute_loss_func` failed.
    #[error("compute_loss_func failed: {0}")]
    ComputeLoss(#[source] BoxError),
    /// `preprocess_logits_for_metrics` failed.
    #[error("preprocess_logits_for_metrics failed: {0}")]
    PreprocessLogits(#[source] BoxError),
    /// What was given to `predict_batches` failed on a batch's predictions.
    #[error("the predictions of a batch could not be taken: {0}")]
    TakePredictions(#[source] BoxError),
    /// An optimizer or a schedule of the user's own could not be made.
    #[error("the {what} that was given to the builder could not be made: {source}")]
    Own {
        /// `optimizer` or `schedule`.
        what: &'static str,
        /// Why.
        source: BoxError,
    },
    /// A callback ended the run.
    #[error("{callback}: {source}")]
    Callback {
        /// The callback's name.
        callback: &'static str,
        /// What it said.
        source: BoxError,
    },
    /// The optimizer.
    #[error(transparent)]
    Optimizer(Box<crate::optimizer::OptimizerError>),
    /// The schedule of the learning rate.
    #[error(transparent)]
    Schedule(Box<crate::schedule::ScheduleError>),
    /// libtorch, through `trainer-torch`.
    #[error(transparent)]
    TrainerTorch(Box<trainer_torch::Error>),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A JSON file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A checkpoint cannot be used.
    #[error("cannot resume from {}: {reason}", path.display())]
    Checkpoint {
        /// The checkpoint's folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Saving the tokenizer failed.
    #[error("cannot save the processing class: {0}")]
    ProcessingClass(#[source] BoxError),
}

/// Boxed, so that a `Result` stays small.
macro_rules! boxed {
    ($($variant:ident: $error:ty,)*) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(Box::new(error))
            }
        })*
    };
}

boxed! {
    Arguments: ArgumentsError,
    Data: trainer_data::Error,
    Batch: trainer_collate::Error,
    Model: trainer_models::Error,
    Metric: trainer_metrics::MetricError,
    Optimizer: crate::optimizer::OptimizerError,
    Schedule: crate::schedule::ScheduleError,
    TrainerTorch: trainer_torch::Error,
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// The error for what of the user's own could not be made.
    pub(crate) fn own(what: &'static str) -> impl FnOnce(BoxError) -> Self {
        move |source| Self::Own { what, source }
    }

    pub(crate) fn missing_metric(
        asked: impl Into<String>,
        name: &str,
        metrics: &crate::Logs,
    ) -> Self {
        Self::MissingMetric {
            asked: asked.into(),
            name: name.to_owned(),
            present: metrics.names().map(str::to_owned).collect(),
        }
    }

    pub(crate) fn checkpoint(path: &Path, reason: impl Into<String>) -> Self {
        Self::Checkpoint {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

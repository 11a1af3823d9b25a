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
    /// Something the builder needs was not given, or does not fit the rest.
    #[error("{0}")]
    Setup(String),
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
    /// An evaluation does not give the metric that tells which model is best.
    #[error(
        "metric_for_best_model is {metric:?}, but the evaluation has no {name:?}; it has {}",
        .present.join(", ")
    )]
    MissingMetric {
        /// The argument.
        metric: String,
        /// The metric's name in an evaluation.
        name: String,
        /// The metrics that the evaluation has.
        present: Vec<String>,
    },
    /// A run is to go on from its last checkpoint, and there is none that is whole.
    #[error("No valid checkpoint found in output directory ({})", output_dir.display())]
    NoCheckpoint {
        /// Where checkpoints were looked for.
        output_dir: PathBuf,
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

    pub(crate) fn checkpoint(path: &Path, reason: impl Into<String>) -> Self {
        Self::Checkpoint {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

use std::path::{Path, PathBuf};

/// What can go wrong while a model is made, loaded, run or saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The batch is not what the model takes.
    #[error(transparent)]
    Batch(#[from] trainer_collate::Error),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// A fused operation refused its tensors.
    #[error(transparent)]
    Fused(Box<trainer_torch::Error>),
    /// Gradient checkpointing was asked of a model that does not have it.
    #[error("{0} has no gradient checkpointing: what its layers compute is always kept")]
    GradientCheckpointing(String),
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A model's name or folder leads to no files.
    #[error("cannot find the files of the model {name:?}: {source}")]
    Locate {
        /// The name or folder that was asked for.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A folder or repository lacks a file that is needed.
    #[error("{place} has no {file}")]
    NoFile {
        /// The folder or repository.
        place: String,
        /// The file's name.
        file: &'static str,
    },
    /// A file is not the JSON that it should be.
    #[error("{origin} is not valid: {source}")]
    Json {
        /// The file.
        origin: String,
        /// Where and what.
        source: serde_json::Error,
    },
    /// A configuration has a value that cannot be used.
    #[error("{origin}: {reason}")]
    Config {
        /// The file or call that the configuration is from.
        origin: String,
        /// The key and what is wrong with it.
        reason: String,
    },
    /// The configuration is of a kind of model that this crate does not have.
    #[error("{origin}: model_type {model_type:?} is not supported; supported are {}", .supported.join(", "))]
    UnknownModelType {
        /// The file or call that the configuration is from.
        origin: String,
        /// The `model_type` found.
        model_type: String,
        /// The values of `model_type` that work.
        supported: Vec<&'static str>,
    },
    /// A family cannot be registered: there is one of its `model_type`.
    #[error("there is a family of model_type {0:?} already")]
    DuplicateModelType(&'static str),
    /// A head reads the pooled state of a backbone that was made without a pooler.
    #[error("the head reads the pooled state, but the backbone has no pooler")]
    NoPooler,
    /// A weight that is to have a second name was not made by the same construction.
    #[error("{0}: the weight it is to be tied to was not made here")]
    NotMade(String),
    /// A family made its network with other weights the second time.
    #[error(
        "the model that shares its weights has none called {0} of this shape: its family asks for others than the first time"
    )]
    NotShared(String),
    /// Weights that are not to train are not there.
    #[error("cannot freeze {pattern:?}: {reason}")]
    Freeze {
        /// The pattern of names.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a model of one's own, outside this crate, cannot go on without.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
    /// A pickle of weights is broken, or holds more than weights.
    #[error(
        "{source}; {} if Python reads the file",
        conversion("from_pretrained(folder)")
    )]
    PickledWeights {
        /// Which file, and what is wrong with it.
        source: Box<trainer_torch::Error>,
    },
    /// There are weights, but only of another framework.
    #[error(
        "{place} has its weights only as {file}, of TensorFlow or Flax; {} in transformers 4",
        conversion(&format!("from_pretrained(folder, {argument}=True)"))
    )]
    ForeignWeights {
        /// The folder or repository.
        place: String,
        /// The file's name.
        file: &'static str,
        /// The argument by which transformers 4 reads it.
        argument: &'static str,
    },
    /// A weights file is cut off, corrupt or not a weights file.
    #[error("{}: {reason}", .path.display())]
    WeightsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A configuration asks for many more weights than the files have.
    #[error(
        "{}: it lacks {name} of shape {shape:?}, and the weights that config.json asks for and that it lacks are more than 2^26 elements beside \
         as many as it has: they are of another model",
        .file.display()
    )]
    TooMuchMissing {
        /// The file of weights, or the first of them.
        file: PathBuf,
        /// The weight that was one too many.
        name: String,
        /// Its shape by the configuration.
        shape: Vec<i64>,
    },
    /// Weights have other shapes than the model.
    #[error("{}", mismatch_message(.mismatched, .hint))]
    MismatchedShapes {
        /// The weights.
        mismatched: Vec<MismatchedWeight>,
        /// What to do about it.
        hint: &'static str,
    },
    /// A checkpoint and a model do not have the same weights.
    #[error("{}", strict_message(.checkpoint, .missing, .unexpected))]
    DifferentWeights {
        /// The folder.
        checkpoint: PathBuf,
        /// Weights of the model that the checkpoint lacks.
        missing: Vec<String>,
        /// Weights of the checkpoint that the model lacks.
        unexpected: Vec<String>,
    },
    /// A label is not one of the classes.
    #[error(
        "labels[{row}] is {value}, outside 0..{num_labels}: the model has num_labels {num_labels} \
         (-100 marks a label to ignore)"
    )]
    LabelOutOfRange {
        /// Position in the batch's flattened labels.
        row: i64,
        /// The label.
        value: i64,
        /// How many classes the model has.
        num_labels: i64,
    },
    /// Labels of a form that the task cannot take.
    #[error("the labels are {found}, and {task} takes {expected}")]
    LabelForm {
        /// Their type and shape.
        found: String,
        /// The task, with its `problem_type`.
        task: String,
        /// What it takes, and what to do.
        expected: String,
    },
    /// A label that should be the number of a class is no whole number.
    #[error(
        "labels[{row}] is {value}, and a class has a whole number: use one output for scores (num_labels 1)"
    )]
    LabelNotWhole {
        /// Position in the flattened labels.
        row: i64,
        /// The label.
        value: String,
    },
    /// A tensor of a batch has a shape or value that the model cannot take.
    #[error("{name}: expected {expected}, found {found}")]
    Input {
        /// The tensor's name.
        name: &'static str,
        /// What the model takes.
        expected: String,
        /// What the batch has.
        found: String,
    },
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

    pub(crate) fn weights_file(path: &Path, reason: impl Into<String>) -> Self {
        Self::WeightsFile {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn config(origin: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config {
            origin: origin.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn input(
        name: &'static str,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Input {
            name,
            expected: expected.into(),
            found: found.into(),
        }
    }
}

/// A weight whose shape in the checkpoint is not the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MismatchedWeight {
    /// The weight's name in the model.
    pub name: String,
    /// The file that holds the other shape.
    pub file: PathBuf,
    /// The shape that the model has.
    pub expected: Vec<i64>,
    /// The shape that the file has.
    pub found: Vec<i64>,
}

/// How weights that cannot be read become `model.safetensors`. `AutoModel`, which has no head, would drop the head's.
fn conversion(read: &str) -> String {
    format!(
        "AutoModelForSequenceClassification.{read}.save_pretrained(folder), or another class that keeps the head (config.json \
         names it in `architectures`), writes model.safetensors"
    )
}

fn mismatch_message(mismatched: &[MismatchedWeight], hint: &str) -> String {
    let lines: Vec<String> = mismatched
        .iter()
        .map(|weight| {
            format!(
                "{}: the weight {} has shape {:?}, the model expects {:?}",
                weight.file.display(),
                weight.name,
                weight.found,
                weight.expected
            )
        })
        .collect();
    format!("{}{hint}", lines.join("; "))
}

fn strict_message(checkpoint: &Path, missing: &[String], unexpected: &[String]) -> String {
    let mut message = format!(
        "the weights in {} are not this model's",
        checkpoint.display()
    );
    for (what, names) in [("missing", missing), ("unexpected", unexpected)] {
        if !names.is_empty() {
            message.push_str(&format!("; {what}: {}", names.join(", ")));
        }
    }
    message
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<trainer_torch::Error> for Error {
    fn from(error: trainer_torch::Error) -> Self {
        Self::Fused(Box::new(error))
    }
}

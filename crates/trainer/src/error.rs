//! The error of programs: whatever any part of the project, or the program itself, can fail with.

use std::error::Error as StdError;
use std::fmt;

use crate::command_line::CommandLineError;
use crate::pipeline::PipelineError;

/// Any error of this project; `?` turns the errors of all its crates, of input and output and of JSON into it.
///
/// `Debug` shows the message and its causes, so that `fn main() -> trainer::Result<()>` ends with one readable error.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line, or a file of arguments.
    #[error(transparent)]
    CommandLine(Box<CommandLineError>),
    /// Arguments that make no sense, or are not supported yet.
    #[error(transparent)]
    Arguments(Box<trainer_core::ArgumentsError>),
    /// The trainer: setting it up, training, evaluating, checkpoints.
    #[error(transparent)]
    Trainer(#[from] trainer_core::Error),
    /// Optimizers and clipping.
    #[error(transparent)]
    Optimizer(Box<trainer_core::optimizer::OptimizerError>),
    /// Schedules of the learning rate.
    #[error(transparent)]
    Schedule(Box<trainer_core::schedule::ScheduleError>),
    /// Datasets, the hub and loading.
    #[error(transparent)]
    Data(Box<trainer_data::Error>),
    /// Tokenizers.
    #[error(transparent)]
    Tokenize(Box<trainer_tokenize::Error>),
    /// Batches and collators.
    #[error(transparent)]
    Collate(Box<trainer_collate::Error>),
    /// libtorch beyond `tch`.
    #[error(transparent)]
    Torch(Box<trainer_torch::Error>),
    /// Models and their weights.
    #[error(transparent)]
    Models(Box<trainer_models::Error>),
    /// Metrics.
    #[error(transparent)]
    Metrics(Box<trainer_metrics::MetricError>),
    /// Pipelines.
    #[error(transparent)]
    Pipeline(Box<PipelineError>),
    /// An operation on tensors.
    #[error("libtorch: {0}")]
    Tensor(#[from] tch::TchError),
    /// Input or output.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// An error of the program's own.
    #[error(transparent)]
    Other(#[from] Box<dyn StdError + Send + Sync>),
}

/// The result of programs.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The message and, on lines of their own, the causes that it does not tell already; without the frames of C++ that libtorch adds.
    pub fn report(&self) -> String {
        let mut report = without_frames(&self.to_string()).to_owned();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            let text = without_frames(&text);
            if !report.contains(text) {
                report.push_str("\n  caused by: ");
                report.push_str(text);
            }
            cause = error.source();
        }
        report
    }
}

/// What libtorch says before the frames of an exception.
fn without_frames(text: &str) -> &str {
    let said = text.split("\nException raised from ").next();
    said.unwrap_or(text).trim_end()
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.report())
    }
}

/// Boxed, so that a `Result` of a program stays small.
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
    Arguments: trainer_core::ArgumentsError,
    Optimizer: trainer_core::optimizer::OptimizerError,
    Schedule: trainer_core::schedule::ScheduleError,
    Data: trainer_data::Error,
    Tokenize: trainer_tokenize::Error,
    Collate: trainer_collate::Error,
    Torch: trainer_torch::Error,
    Models: trainer_models::Error,
    Metrics: trainer_metrics::MetricError,
    CommandLine: CommandLineError,
    Pipeline: PipelineError,
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::Other(message.into())
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::Other(message.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a GPU whose memory is full says.
    #[test]
    fn frames_of_libtorch_are_left_out() {
        let said = "CUDA out of memory. Tried to allocate 18.76 GiB.\nException raised from malloc at \
                    CUDACachingAllocator.cpp:1574 (most recent call first):\nframe #0: c10::Error::Error\n";
        let error = Error::from(tch::TchError::Torch(said.to_owned()));
        assert!(
            error.report().ends_with("Tried to allocate 18.76 GiB."),
            "{error:?}"
        );
        let models = trainer_models::Error::from(tch::TchError::Torch(said.to_owned()));
        assert!(!Error::from(models).report().contains("frame #"));
    }
}

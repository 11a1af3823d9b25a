//! The training loop, arguments, callbacks and checkpoints.

mod arguments;
mod batch_source;
mod best;
mod builder;
mod callbacks;
mod cast_weights;
mod check;
mod checkpoint;
mod draws;
mod durable;
mod engine;
mod error;
mod grad_scaler;
mod grouped_by_length;
mod inputs;
mod journal;
mod logs;
mod loops;
pub mod loss;
mod number;
pub mod optimizer;
mod outputs;
mod plan;
mod precision;
mod predictions;
mod processing_class;
mod profile;
mod python_json;
mod question_answering;
mod report;
mod run;
pub mod schedule;
mod seed;
mod state;
mod stream_position;
mod trainer;
mod trainer_dataset;

pub use arguments::{
    ArgumentField, ArgumentFields, ArgumentKind, ArgumentValue, ArgumentsError, ArgumentsResult,
    HubStrategy, IntervalStrategy, LogLevel, OptimizerNames, SamplingStrategy, SaveStrategy,
    SchedulerType, TokenCount, TrainingArguments, read_argument,
};
pub use builder::{TrainerBuilder, choose_device};
pub use callbacks::{
    Answer, Callback, CallbackContext, DefaultFlowCallback, EarlyStoppingCallback, Event,
    PrinterCallback, ProgressCallback, TrainerControl,
};
pub use error::{Error, Result};
pub use grad_scaler::GradScaler;
pub use logs::Logs;
pub use number::Number;
pub use outputs::{PredictionOutput, TrainOutput};
pub use plan::TrainingPlan;
pub use predictions::to_array;
pub use processing_class::ProcessingClass;
pub use question_answering::{question_examples, question_windows, save_qa_predictions};
pub use seed::set_seed;
#[doc(hidden)]
pub use serde_json;
pub use state::TrainerState;
pub use trainer::Trainer;
pub use trainer_dataset::TrainerDataset;

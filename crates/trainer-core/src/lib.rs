//! The training loop, arguments, callbacks and checkpoints.

mod arguments;
mod best;
mod callbacks;
mod checkpoint;
mod durable;
mod error;
mod eval_loss;
mod label_smoothing;
mod logs;
mod number;
pub mod optimizer;
mod plan;
mod predictions;
mod python_json;
mod report;
mod running_loss;
pub mod schedule;
mod seed;
mod state;
mod trainer;

pub use arguments::{
    ArgumentField, ArgumentFields, ArgumentKind, ArgumentValue, ArgumentsError, ArgumentsResult,
    HubStrategy, IntervalStrategy, LogLevel, OptimizerNames, SamplingStrategy, SaveStrategy,
    SchedulerType, TokenCount, TrainingArguments, read_argument,
};
pub use callbacks::{
    Answer, Callback, CallbackContext, DefaultFlowCallback, EarlyStoppingCallback, Event,
    PrinterCallback, ProgressCallback, TrainerControl,
};
pub use error::{Error, Result};
pub use logs::Logs;
pub use number::Number;
pub use plan::TrainingPlan;
pub use seed::set_seed;
#[doc(hidden)]
pub use serde_json;
pub use state::TrainerState;
pub use trainer::{
    ComputeLoss, PredictionOutput, ProcessingClass, TrainOutput, Trainer, TrainerBuilder,
};

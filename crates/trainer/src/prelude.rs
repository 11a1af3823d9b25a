//! What most programs need: `use trainer::prelude::*;`.

pub use trainer_collate::{Batch, DataCollatorWithPadding, DefaultDataCollator, Padding};
pub use trainer_core::{
    Callback, EarlyStoppingCallback, IntervalStrategy, LogLevel, OptimizerNames, SaveStrategy,
    SchedulerType, Trainer, TrainerState, TrainingArguments, set_seed,
};
pub use trainer_data::{DataLoader, Dataset, DatasetDict, Feature, load_dataset};
pub use trainer_metrics::{Array, EvalPrediction, IntoMetric, Metric, Metrics, glue_metric};
pub use trainer_models::{
    AutoConfig, AutoModel, AutoModelForSequenceClassification, Mode, Model, num_labels,
};
pub use trainer_tokenize::{AutoTokenizer, Tokenizer};

pub use crate::command_line::HfArgumentParser;
pub use crate::script_arguments;

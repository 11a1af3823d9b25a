//! What most programs need: `use trainer::prelude::*;`. With it alone a callback, a collator, a metric and a model of one's own can be
//! written.

pub use trainer_collate::{
    Batch, DataCollatorWithPadding, DefaultDataCollator, NamedTensors, Padding,
};
pub use trainer_core::optimizer::{Optimizer, ParamGroup, RuleOptimizer, UpdateRule};
pub use trainer_core::schedule::{LambdaLr, Schedule};
pub use trainer_core::{
    Answer, Callback, CallbackContext, EarlyStoppingCallback, Event, IntervalStrategy, LogLevel,
    OptimizerNames, PredictionOutput, SaveStrategy, SchedulerType, Trainer, TrainerControl,
    TrainerState, TrainingArguments, set_seed,
};
pub use trainer_data::{
    BoxError, ClassLabel, Collate, Column, Columns, DataLoader, Dataset, DatasetDict, Feature,
    Rows, Sampler, load_dataset,
};
pub use trainer_metrics::{
    Array, EvalPrediction, IntoMetric, Metric, MetricError, Metrics, NamedArrays, glue_metric,
};
pub use trainer_models::{
    AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoModelForTokenClassification,
    Backbone, BackboneOutput, Compute, Family, FamilyConfig, Mode, Model, ModelOptions,
    ModelOutput, Parameters, Pass, Prepared, PretrainedConfig, Scope, num_labels,
};
pub use trainer_tokenize::{AutoTokenizer, Tokenizer};

pub use crate::command_line::HfArgumentParser;
pub use crate::pipeline::{Label, TextClassifier};
pub use crate::script_arguments;

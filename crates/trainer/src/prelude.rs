//! What most programs need: `use trainer::prelude::*;`. With it alone a callback, a collator, a metric and a model of one's own can be
//! written.
//!
//! ```
//! use trainer::prelude::*;
//!
//! /// Ends training when its time is over.
//! struct TimeBudget {
//!     end: std::time::Instant,
//! }
//!
//! impl Callback for TimeBudget {
//!     fn on_event(&mut self, event: Event<'_>, _: &CallbackContext<'_>, mut control: TrainerControl) -> Answer {
//!         if matches!(event, Event::StepEnd) && std::time::Instant::now() >= self.end {
//!             control.should_save = true;
//!             control.should_training_stop = true;
//!         }
//!         Ok(control)
//!     }
//! }
//! ```

pub use trainer_collate::{
    Batch, DataCollatorForLanguageModeling, DataCollatorForMultipleChoice,
    DataCollatorForPermutationLanguageModeling, DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification, DataCollatorWithFlattening, DataCollatorWithPadding,
    DefaultDataCollator, NamedTensors, Padding,
};
pub use trainer_core::optimizer::{Optimizer, ParamGroup, RuleOptimizer, UpdateRule};
pub use trainer_core::schedule::{LambdaLr, Schedule};
pub use trainer_core::{
    Answer, Callback, CallbackContext, EarlyStoppingCallback, Event, IntervalStrategy, LogLevel,
    OptimizerNames, PredictionOutput, SaveStrategy, SchedulerType, Trainer, TrainerControl,
    TrainerState, TrainingArguments, question_examples, question_windows, save_qa_predictions,
    set_seed,
};
pub use trainer_data::{
    BoxError, ClassLabel, Collate, Column, Columns, DataLoader, Dataset, DatasetDict,
    DatasetLoader, Feature, Features, IterableDataset, MapOptions, Rows, Sampler, load_dataset,
};
pub use trainer_metrics::{
    Accuracy, AnswerOptions, Array, Average, BalancedAccuracy, BrierScore, ConfusionMatrix,
    EvalPrediction, ExactMatch, F1, IntoMetric, LogLoss, Matthews, MeanAbsoluteError,
    MeanSquaredError, Metric, MetricError, MetricGroup, Metrics, NamedArrays, Pearson, Perplexity,
    Precision, Recall, RocAuc, Seqeval, Spearman, SquadMetric, TopKAccuracy, glue_metric,
};
pub use trainer_models::{
    AutoConfig, AutoModel, AutoModelForMaskedLM, AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
    AutoModelForTokenClassification, Backbone, BackboneOutput, Compute, Family, FamilyConfig, Mode,
    Model, ModelOptions, ModelOutput, Parameters, Pass, Prepared, PretrainedConfig, ProblemType,
    Scope, num_labels,
};
pub use trainer_tokenize::{AutoTokenizer, QuestionAnsweringFeatures, Tokenizer};

pub use crate::command_line::HfArgumentParser;
pub use crate::pipeline::{
    AggregationStrategy, AnswerSpan, EntityGroup, FeatureExtractor, FilledMask, Label, MaskFiller,
    Pooling, QuestionAnswerer, TextClassifier, TokenClassifier, TokenEntity,
};
pub use crate::script::{DataArguments, ModelArguments, Splits};
pub use crate::script_arguments;

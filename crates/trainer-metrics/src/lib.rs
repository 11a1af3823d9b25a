//! Metrics that accumulate batches and merge.
//!
//! A [`Metric`] takes predictions and labels batch by batch ([`EvalPrediction`], host arrays), keeps counts or running
//! moments instead of the values wherever that is enough, can be merged with another of its kind that saw other
//! batches, and computes named values ([`Metrics`]) at the end. So evaluation needs memory for one batch, not for the
//! whole dataset, and several workers can share the job.
//!
//! The road not taken: Python's way of collecting all predictions and calling a function on them once. It is still
//! there for functions that need it: see [`IntoMetric`].
//!
//! # Which metrics there are
//!
//! | metrics | of | values are those of |
//! |---|---|---|
//! | [`Accuracy`], [`BalancedAccuracy`], [`Precision`], [`Recall`], [`F1`], [`Matthews`], [`ConfusionMatrix`], [`ExactMatch`] | classes | scikit-learn |
//! | [`RocAuc`], [`TopKAccuracy`], [`LogLoss`], [`BrierScore`] | scores of classes | scikit-learn |
//! | [`MeanSquaredError`], [`MeanAbsoluteError`] | real values | scikit-learn |
//! | [`Pearson`], [`Spearman`] | real values | SciPy |
//! | [`Perplexity`] | losses | `exp(eval_loss)` |
//! | [`Seqeval`] | tags of tokens | seqeval |
//! | [`squad`], [`squad_v2`], [`SquadMetric`] | answers that are parts of a text | the official scripts, `evaluate.load("squad")` |
//! | [`glue_metric`] | a GLUE task | `evaluate.load("glue", task)` |
//!
//! Several as one are a [`MetricGroup`]; one of your own is a [`Metric`] or a function ([`IntoMetric`]). Names of values are
//! those of Hugging Face's `evaluate` where it has the metric. [`RocAuc`] and [`Spearman`] need all scores at the end and keep
//! them, as functions do; the others keep counts or sums.
//!
//! # Which prediction belongs to a label
//!
//! The first dimension counts examples and is the same in predictions and labels. Dimensions of size 1 at the end are
//! dropped. Then either both shapes are the same, and the values are compared one by one (regression, or classes that
//! were chosen already), or predictions have one more dimension, the scores of the classes, and the class is the index
//! of the highest score (the first of them where several are equal; NaN counts as the highest, as in NumPy). So
//! predictions of `[n, c]` with labels of `[n]` are arg-maxed, and predictions of `[n, 1]` are squeezed.
//!
//! In classification an example with the label [`IGNORED_LABEL`] is skipped.
//!
//! # Several labels a row
//!
//! Predictions and labels of the same shape `[rows, labels]` whose values are all 0 or 1, over all batches, are sets of
//! labels, as in scikit-learn: [`Accuracy`] counts the rows that are right in all labels, [`Precision`], [`Recall`] and
//! [`F1`] are averages over the labels. What is not of that form (another value, [`IGNORED_LABEL`] among them, rows of
//! another length) is taken as the classes of tokens, which count one by one. Scores become 0 and 1 by a threshold:
//!
//! ```
//! use trainer_metrics::{Array, Average, EvalPrediction, ExactMatch, F1, Metric, MetricGroup};
//!
//! let mut metric = MetricGroup::new("topics")
//!     .with(F1::new(Average::Micro).with_threshold(0.0))
//!     .with(ExactMatch::new().with_threshold(0.0));
//! let logits = Array::float(&[2, 3], vec![2.5, -1.0, 0.5, -0.5, 3.0, -2.0])?;
//! let labels = Array::float(&[2, 3], vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0])?;
//! metric.add_batch(&EvalPrediction::new(logits, labels))?;
//!
//! assert_eq!(metric.compute()?.get("f1"), Some(0.8));
//! assert_eq!(metric.compute()?.get("exact_match"), Some(0.5));
//! # Ok::<(), trainer_metrics::MetricError>(())
//! ```
//!
//! ```
//! use trainer_metrics::{Array, EvalPrediction, Metric, glue_metric};
//!
//! let mut metric = glue_metric("mrpc")?;
//! let logits = Array::float(&[4, 2], vec![0.1, 0.9, 0.8, 0.2, 0.3, 0.7, 0.6, 0.4])?;
//! let labels = Array::int(&[4], vec![1, 0, 0, 0])?;
//! metric.add_batch(&EvalPrediction::new(logits, labels))?;
//!
//! let values = metric.compute()?;
//! assert_eq!(values.get("accuracy"), Some(0.75));
//! assert_eq!(values.get("f1"), Some(2.0 / 3.0));
//! # Ok::<(), trainer_metrics::MetricError>(())
//! ```

#![deny(missing_debug_implementations)]

mod accuracy;
mod array;
mod average;
mod averaged_score;
mod balanced_accuracy;
mod brier_score;
mod classes;
mod collected;
mod concatenate;
mod confusion;
mod confusion_matrix;
mod entities;
mod error;
mod exact_match;
mod f1;
mod glue;
mod group;
mod label_sets;
mod log_loss;
mod matthews;
mod mean;
mod mean_absolute_error;
mod mean_error;
mod mean_squared_error;
mod metric;
mod moments;
mod named_arrays;
mod pairs;
mod pearson;
mod perplexity;
mod precision;
mod prediction;
mod probability_loss;
mod question_answering;
mod ranked;
mod ranking;
mod recall;
mod roc_auc;
mod scores;
mod seqeval;
mod spearman;
mod top_k_accuracy;
mod values;

pub use accuracy::Accuracy;
pub use array::Array;
pub use average::Average;
pub use averaged_score::AveragedScore;
pub use balanced_accuracy::BalancedAccuracy;
pub use brier_score::BrierScore;
pub use classes::IGNORED_LABEL;
pub use collected::{AsFunction, AsMetric, IntoMetric};
pub use confusion_matrix::{ConfusionMatrix, Normalize};
pub use error::{BoxError, MetricError, Result};
pub use exact_match::ExactMatch;
pub use f1::F1;
pub use glue::{GLUE_TASKS, glue_metric};
pub use group::MetricGroup;
pub use log_loss::LogLoss;
pub use matthews::Matthews;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_error::MeanError;
pub use mean_squared_error::MeanSquaredError;
pub use metric::Metric;
pub use named_arrays::NamedArrays;
pub use pearson::Pearson;
pub use perplexity::Perplexity;
pub use precision::Precision;
pub use prediction::EvalPrediction;
pub use probability_loss::ProbabilityLoss;
pub use question_answering::{
    AnswerOptions, ExampleAnswers, NBestAnswer, QaPredictions, QuestionExample, QuestionWindow,
    SquadMetric, SquadPrediction, postprocess_qa_predictions, squad, squad_v2,
};
pub use recall::Recall;
pub use roc_auc::{MultiClass, RocAuc};
pub use scores::Scores;
pub use seqeval::Seqeval;
pub use spearman::Spearman;
pub use top_k_accuracy::TopKAccuracy;
pub use values::Metrics;

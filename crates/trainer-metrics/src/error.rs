//! What can go wrong in a metric.

use thiserror::Error;

/// Any error, as functions of users return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The result of metrics.
pub type Result<T, E = MetricError> = std::result::Result<T, E>;

/// What can go wrong in a metric.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MetricError {
    /// The number of values is not the product of the dimensions.
    #[error("an array of shape {shape:?} holds {expected} values, found {found}")]
    ArrayLength {
        /// The shape asked for.
        shape: Vec<usize>,
        /// The number of values of that shape.
        expected: usize,
        /// The number of values given.
        found: usize,
    },
    /// An array that is asked for by name is not there.
    #[error("there is no array {name:?}; there are {present:?}")]
    MissingArray {
        /// The name asked for.
        name: String,
        /// The names there are.
        present: Vec<String>,
    },
    /// Arrays that cannot follow each other.
    #[error("cannot put an array of {found} after one of {expected}")]
    Concatenate {
        /// Kind and shape of the first array.
        expected: String,
        /// Kind and shape of the other.
        found: String,
    },
    /// Predictions and labels of a different number of examples.
    #[error("{predictions} predictions but {labels} labels")]
    Lengths {
        /// Examples in the predictions.
        predictions: usize,
        /// Examples in the labels.
        labels: usize,
    },
    /// Predictions whose shape does not go with the shape of the labels.
    #[error(
        "predictions of shape {predictions:?} do not go with labels of shape {labels:?}: expected the same shape, or one \
         more dimension with the scores of the classes"
    )]
    Shapes {
        /// The shape of the predictions.
        predictions: Vec<usize>,
        /// The shape of the labels.
        labels: Vec<usize>,
    },
    /// A class that is not a whole number.
    #[error("{what} {position} is {value}, which is not a class: expected a whole number")]
    NotAClass {
        /// `prediction` or `label`.
        what: &'static str,
        /// Its place among all values of the batch.
        position: usize,
        /// The value found.
        value: f64,
    },
    /// A binary average over classes that are not two, or lack the positive one.
    #[error(
        "{metric} with a binary average needs two classes, one of them {positive}; found {found:?}"
    )]
    NotBinary {
        /// The metric.
        metric: &'static str,
        /// The positive class.
        positive: i64,
        /// The classes among predictions and labels.
        found: Vec<i64>,
    },
    /// Nothing to compute a value from.
    #[error("{metric} needs at least {needed} labelled examples, found {found}")]
    TooFew {
        /// The metric.
        metric: String,
        /// The smallest number of examples.
        needed: u64,
        /// The number of examples seen.
        found: u64,
    },
    /// Metrics of different kinds or settings.
    #[error("cannot merge {found} into {expected}: not the same metric with the same settings")]
    Merge {
        /// The metric merged into.
        expected: String,
        /// The metric that was given.
        found: String,
    },
    /// Not a task of GLUE.
    #[error("there is no GLUE task {task:?}; the tasks are {}", .known.join(", "))]
    UnknownTask {
        /// The name that was given.
        task: String,
        /// The names that exist.
        known: &'static [&'static str],
    },
    /// The function given as a metric returned an error.
    #[error("the metrics function failed: {0}")]
    Function(#[source] BoxError),
}

/// [`MetricError::TooFew`] where a metric needs more examples than it found.
pub(crate) fn at_least(metric: &str, needed: u64, found: u64) -> Result<()> {
    if found >= needed {
        return Ok(());
    }
    Err(MetricError::TooFew {
        metric: metric.to_owned(),
        needed,
        found,
    })
}

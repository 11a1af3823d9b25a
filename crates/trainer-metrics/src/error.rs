//! What can go wrong in a metric.

use thiserror::Error;

use crate::average::Average;

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
    /// Predictions that are not one value for each label.
    #[error(
        "predictions of shape {predictions:?} do not go with labels of shape {labels:?}: expected the same shape, one \
         value for each label"
    )]
    OneForEach {
        /// The shape of the predictions.
        predictions: Vec<usize>,
        /// The shape of the labels.
        labels: Vec<usize>,
    },
    /// A class that is not a whole number.
    #[error(
        "{what} {position} is {value}, which is not a class: expected a whole number; scores of labels of 0 and 1 need \
         a metric with_threshold"
    )]
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
        "{metric} with a binary average needs two classes, one of them {positive}; found {found:?}: name the positive \
         class in Average::Binary, or take another average, such as Average::Macro"
    )]
    NotBinary {
        /// The metric.
        metric: &'static str,
        /// The positive class.
        positive: i64,
        /// The classes among predictions and labels.
        found: Vec<i64>,
    },
    /// An average that has no meaning for the data.
    #[error(
        "{metric} with {average:?} is not defined for {data}: take another average, such as Average::Macro"
    )]
    UnsuitableAverage {
        /// The metric.
        metric: &'static str,
        /// The average asked for.
        average: Average,
        /// What was found.
        data: &'static str,
    },
    /// Several labels a row for a metric of one.
    #[error(
        "{metric} is not defined for several labels a row, found {labels}: expected one class a row, as labels of [rows], \
         or the scores of classes for each label"
    )]
    SeveralLabels {
        /// The metric.
        metric: &'static str,
        /// The number of labels of a row.
        labels: usize,
    },
    /// A label that is neither 0 nor 1 where only these have a meaning.
    #[error("the label of {} is {value}, expected 0 or 1: {advice}", place(*.row, *.column))]
    NotZeroOrOne {
        /// The row of the batch, from 0 on.
        row: usize,
        /// Which label of the row, from 0 on, where there are several.
        column: Option<usize>,
        /// The value found.
        value: f64,
        /// Why it must be 0 or 1, and what to do.
        advice: &'static str,
    },
    /// A label that is none of the classes that have scores.
    #[error(
        "the label of row {row} of the batch is {label}, expected a class from 0 to below {classes}, as there are \
         {classes} scores a row"
    )]
    NotAmongClasses {
        /// The row of the batch, from 0 on.
        row: usize,
        /// The label found.
        label: f64,
        /// The number of classes.
        classes: usize,
    },
    /// A tag that has no name.
    #[error(
        "row {row} of the batch has the tag {tag}, expected one of the {tags} that the metric has names of"
    )]
    UnknownTag {
        /// The row of the batch, from 0 on.
        row: usize,
        /// The tag found.
        tag: i64,
        /// The number of names.
        tags: usize,
    },
    /// What was said to be a probability and is none.
    #[error(
        "row {row} of the batch has the probability {value}, expected one from 0 to 1: for logits, leave out with_scores"
    )]
    NotAProbability {
        /// The row of the batch, from 0 on.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// Probabilities of the classes that are not one whole.
    #[error(
        "the probabilities of row {row} of the batch sum up to {sum}, expected 1: for logits, leave out with_scores; \
         classes that do not exclude each other are labels of [rows, labels]"
    )]
    ProbabilitySum {
        /// The row of the batch, from 0 on.
        row: usize,
        /// The sum found.
        sum: f64,
    },
    /// Losses that a metric needs and the evaluation did not give.
    #[error("there are no losses: add \"loss\" to include_for_metrics")]
    NoLosses,
    /// A top-k accuracy of no class.
    #[error("top-k accuracy needs a k of at least 1, found 0")]
    TopZero,
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
    /// Scores that are not one row of real values for each window.
    #[error(
        "{name} should be real values [{windows}, tokens], a row for each window; found {found}"
    )]
    WindowScores {
        /// The name of the scores.
        name: String,
        /// How many windows there are.
        windows: usize,
        /// Kind and shape of what was found.
        found: String,
    },
    /// A window of a question that there is not.
    #[error("window {window} is of the question {id:?}, which is not among the examples")]
    UnknownExample {
        /// The window's place, from 0 on.
        window: usize,
        /// The id that it names.
        id: String,
    },
    /// Two questions of one name.
    #[error("questions {} and {} have the same id {id:?}: give each its own", places[0], places[1])]
    SameId {
        /// The id.
        id: String,
        /// Their places, from 0 on.
        places: [usize; 2],
    },
    /// A question of which no window was given.
    #[error("the question {id:?} has no window: nothing says whether it has an answer")]
    NoWindow {
        /// The question's id.
        id: String,
    },
    /// A question without an answer for a metric of questions that have one.
    #[error(
        "the question {id:?} has no right answer: squad_v2 scores such questions (version_2_with_negative)"
    )]
    NoAnswers {
        /// The question's id.
        id: String,
    },
    /// A question that was not answered.
    #[error("there is no prediction for the question {id:?}")]
    NoPrediction {
        /// The question's id.
        id: String,
    },
    /// The function given as a metric returned an error.
    #[error("the metrics function failed: {0}")]
    Function(#[source] BoxError),
}

/// A row of a batch, and a column where there are several, in words.
fn place(row: usize, column: Option<usize>) -> String {
    match column {
        Some(column) => format!("row {row} of the batch, column {column},"),
        None => format!("row {row} of the batch"),
    }
}

/// [`MetricError::Merge`] where two of `metric` are not set alike.
pub(crate) fn same_settings<S: PartialEq + std::fmt::Debug>(
    metric: &str,
    here: &S,
    there: &S,
) -> Result<()> {
    if here == there {
        return Ok(());
    }
    Err(MetricError::Merge {
        expected: format!("{metric} ({here:?})"),
        found: format!("{metric} ({there:?})"),
    })
}

/// [`MetricError::TooFew`] where a metric needs more examples than it found.
pub(crate) fn at_least(metric: &str, needed: u64, found: u64) -> Result<()> {
    if found >= needed {
        return Ok(());
    }
    Err(too_few(metric, needed, found))
}

/// [`MetricError::TooFew`].
pub(crate) fn too_few(metric: &str, needed: u64, found: u64) -> MetricError {
    MetricError::TooFew {
        metric: metric.to_owned(),
        needed,
        found,
    }
}

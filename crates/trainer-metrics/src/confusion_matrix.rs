//! The confusion matrix.

use ndarray::{Array2, Axis};

use crate::confusion::Confusion;
use crate::error::{Result, at_least, same_settings};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "confusion_matrix";

/// What the entries of a [`ConfusionMatrix`] are divided by; where that is 0 they are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Normalize {
    /// The number of examples of the true class: rows sum up to 1.
    Labels,
    /// The number of examples for which the class was predicted: columns sum up to 1.
    Predictions,
    /// The number of all examples.
    All,
}

/// How many examples of each class were taken for each class.
///
/// A log holds numbers, so each entry is a value of its own: `confusion_matrix_0_as_1` counts the examples of class 0 that
/// were taken for class 1. Row by row, and as many as classes times classes: with many classes rather keep the metric
/// and ask for its [`matrix`](Self::matrix). The classes are those seen among predictions and labels, and those of
/// [`with_classes`](Self::with_classes), so that two evaluations have the same values.
///
/// As a whole it is neither better when higher nor when lower; [`higher_is_better`](Metric::higher_is_better) says true, as
/// for every metric. Several labels a row are refused, as in scikit-learn. It keeps one count for each pair of classes.
///
/// ```
/// use trainer_metrics::{Array, ConfusionMatrix, EvalPrediction, Metric, Normalize};
///
/// let mut metric = ConfusionMatrix::new().with_classes(2).with_normalize(Normalize::Labels);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[3], vec![0, 1, 1])?,
///     Array::int(&[3], vec![0, 0, 1])?,
/// ))?;
/// assert_eq!(
///     metric.compute()?.to_string(),
///     "confusion_matrix_0_as_0 = 0.5, confusion_matrix_0_as_1 = 0.5, \
///      confusion_matrix_1_as_0 = 0, confusion_matrix_1_as_1 = 1"
/// );
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ConfusionMatrix {
    normalize: Option<Normalize>,
    classes: usize,
    confusion: Confusion,
}

impl ConfusionMatrix {
    /// Of counts, for the classes that are seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// With entries for the classes from 0 to below `classes`, seen or not.
    #[must_use]
    pub fn with_classes(self, classes: usize) -> Self {
        Self { classes, ..self }
    }

    /// Of parts instead of counts.
    #[must_use]
    pub fn with_normalize(self, normalize: Normalize) -> Self {
        Self {
            normalize: Some(normalize),
            ..self
        }
    }

    /// The classes of rows and columns, ascending.
    pub fn classes(&self) -> Vec<i64> {
        let seen = self.confusion.classes();
        let mut classes: Vec<i64> = (0..self.classes as i64).chain(seen).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// The matrix `[true class, predicted class]`, in the order of [`classes`](Self::classes); `[0, 0]` where there are none.
    ///
    /// # Errors
    ///
    /// [`MetricError::SeveralLabels`](crate::MetricError::SeveralLabels).
    pub fn matrix(&self) -> Result<Array2<f64>> {
        self.confusion.refuse_label_sets(NAME)?;
        let classes = self.classes();
        let mut matrix =
            Array2::from_shape_fn((classes.len(), classes.len()), |(label, predicted)| {
                self.confusion.count(classes[label], classes[predicted]) as f64
            });
        let sums = match self.normalize {
            None => return Ok(matrix),
            Some(Normalize::Labels) => matrix.sum_axis(Axis(1)).insert_axis(Axis(1)),
            Some(Normalize::Predictions) => matrix.sum_axis(Axis(0)).insert_axis(Axis(0)),
            Some(Normalize::All) => Array2::from_elem((1, 1), matrix.sum()),
        };
        // What is divided by a sum of 0 is 0 itself, and stays so when it is divided by 1.
        matrix /= &sums.mapv(|sum| if sum == 0.0 { 1.0 } else { sum });
        Ok(matrix)
    }
}

impl Metric for ConfusionMatrix {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        let settings = |metric: &Self| (metric.normalize, metric.classes);
        same_settings(NAME, &settings(self), &settings(&other))?;
        self.confusion.merge(NAME, other.confusion)
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(NAME, 1, self.confusion.total())?;
        let classes = self.classes();
        let named = |((label, predicted), value): ((usize, usize), &f64)| {
            let (label, predicted) = (classes[label], classes[predicted]);
            (format!("{NAME}_{label}_as_{predicted}"), *value)
        };
        Ok(Metrics::of_distinct(
            self.matrix()?.indexed_iter().map(named).collect(),
        ))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }
}

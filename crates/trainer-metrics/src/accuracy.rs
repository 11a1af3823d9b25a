//! Accuracy.

use crate::confusion::{ClassCounts, Confusion};
use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "accuracy";

/// The part of the examples whose class was predicted: `accuracy`. Where rows are sets of labels
/// ([several labels a row](crate#several-labels-a-row)), the part of the rows whose labels are all right. It keeps one
/// count for each pair of classes.
///
/// ```
/// use trainer_metrics::{Accuracy, Array, EvalPrediction, Metric};
///
/// let mut metric = Accuracy::new();
/// let logits = Array::float(&[2, 2], vec![0.1, 0.9, 0.2, 0.8])?;
/// metric.add_batch(&EvalPrediction::new(logits, Array::int(&[2], vec![1, 0])?))?;
/// assert_eq!(metric.compute()?.get("accuracy"), Some(0.5));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Accuracy {
    confusion: Confusion,
}

impl Accuracy {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes predictions as one score for each label of 0 or 1, and says 1 where the score is higher than `threshold`:
    /// 0 for logits is a probability of 0.5.
    #[must_use]
    pub fn with_threshold(self, threshold: f32) -> Self {
        Self {
            confusion: self.confusion.with_threshold(threshold),
        }
    }
}

impl Metric for Accuracy {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.confusion.merge(NAME, other.confusion)
    }

    fn compute(&self) -> Result<Metrics> {
        let (hits, found) = match self.confusion.label_sets() {
            Some(sets) => (sets.num_exact(), sets.num_rows()),
            None => {
                let by_class = self.confusion.by_class();
                let hits = ClassCounts::sum(by_class.values()).hits;
                (hits, self.confusion.total())
            }
        };
        at_least(NAME, 1, found)?;
        Ok(Metrics::new().with(NAME, hits as f64 / found as f64))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

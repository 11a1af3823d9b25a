//! Balanced accuracy.

use crate::confusion::Confusion;
use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "balanced_accuracy";

/// The mean over the classes of the part of their examples that was found, so that a rare class counts as much as a
/// frequent one: `balanced_accuracy`. It keeps one count for each pair of classes.
///
/// Classes that are predicted but are not among the labels do not count, as in scikit-learn, nor are several labels a
/// row defined.
///
/// ```
/// use trainer_metrics::{Array, BalancedAccuracy, EvalPrediction, Metric};
///
/// let mut metric = BalancedAccuracy::new();
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 0, 0, 1])?,
///     Array::int(&[4], vec![0, 0, 1, 1])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("balanced_accuracy"), Some(0.75));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct BalancedAccuracy {
    confusion: Confusion,
}

impl BalancedAccuracy {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for BalancedAccuracy {
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
        at_least(NAME, 1, self.confusion.total())?;
        self.confusion.refuse_label_sets(NAME)?;
        let by_class = self.confusion.by_class();
        let labelled = by_class.values().filter(|class| class.labelled > 0);
        let found = labelled.map(|class| class.hits as f64 / class.labelled as f64);
        let found: Vec<f64> = found.collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        Ok(Metrics::new().with(NAME, mean))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

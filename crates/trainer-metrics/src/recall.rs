//! Recall.

use crate::average::Average;
use crate::confusion::Confusion;
use crate::error::{MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Of the examples of a class, the part that was found.
///
/// Where the denominator is 0 the value is 0, as with scikit-learn's `zero_division=0`. It keeps one count for each
/// pair of classes.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, Metric, Recall};
///
/// let mut metric = Recall::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("recall"), Some(2.5 / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recall {
    average: Average,
    confusion: Confusion,
}

impl Recall {
    /// Recall averaged over classes in this way; the default is binary with the positive class 1.
    pub fn new(average: Average) -> Self {
        Self {
            average,
            confusion: Confusion::default(),
        }
    }
}

impl Metric for Recall {
    fn name(&self) -> &str {
        "recall"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        if other.average != self.average {
            return Err(MetricError::Merge {
                expected: format!("recall ({:?})", self.average),
                found: format!("recall ({:?})", other.average),
            });
        }
        self.confusion.merge(other.confusion);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let value = self.average.of("recall", &self.confusion, |class| {
            (class.hits, class.labelled)
        })?;
        Ok(Metrics::new().with("recall", value))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }
}

//! F1.

use crate::average::Average;
use crate::confusion::Confusion;
use crate::error::{MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// The harmonic mean of precision and recall.
///
/// Where the denominator is 0 the value is 0, as with scikit-learn's `zero_division=0`. It keeps one count for each
/// pair of classes.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, Metric, F1};
///
/// let mut metric = F1::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("f1"), Some((1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct F1 {
    average: Average,
    confusion: Confusion,
}

impl F1 {
    /// F1 averaged over classes in this way; the default is binary with the positive class 1.
    pub fn new(average: Average) -> Self {
        Self {
            average,
            confusion: Confusion::default(),
        }
    }
}

impl Metric for F1 {
    fn name(&self) -> &str {
        "f1"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        if other.average != self.average {
            return Err(MetricError::Merge {
                expected: format!("f1 ({:?})", self.average),
                found: format!("f1 ({:?})", other.average),
            });
        }
        self.confusion.merge(other.confusion);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let value = self.average.of("f1", &self.confusion, |class| {
            (2 * class.hits, class.predicted + class.labelled)
        })?;
        Ok(Metrics::new().with("f1", value))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }
}

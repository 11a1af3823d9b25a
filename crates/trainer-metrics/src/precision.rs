//! Precision.

use crate::average::Average;
use crate::confusion::Confusion;
use crate::error::{MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Of the examples said to be of a class, the part that is.
///
/// Where the denominator is 0 the value is 0, as with scikit-learn's `zero_division=0`. It keeps one count for each
/// pair of classes.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, Metric, Precision};
///
/// let mut metric = Precision::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("precision"), Some(2.5 / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Precision {
    average: Average,
    confusion: Confusion,
}

impl Precision {
    /// Precision averaged over classes in this way; the default is binary with the positive class 1.
    pub fn new(average: Average) -> Self {
        Self {
            average,
            confusion: Confusion::default(),
        }
    }
}

impl Metric for Precision {
    fn name(&self) -> &str {
        "precision"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        if other.average != self.average {
            return Err(MetricError::Merge {
                expected: format!("precision ({:?})", self.average),
                found: format!("precision ({:?})", other.average),
            });
        }
        self.confusion.merge(other.confusion);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let value = self.average.of("precision", &self.confusion, |class| {
            (class.hits, class.predicted)
        })?;
        Ok(Metrics::new().with("precision", value))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }
}

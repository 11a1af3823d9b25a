//! Accuracy.

use crate::confusion::Confusion;
use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// The part of the examples whose class was predicted. It keeps one count for each pair of classes.
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
}

impl Metric for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        self.confusion
            .merge(downcast::<Self>(self, other)?.confusion);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let found = self.confusion.total();
        at_least(self.name(), 1, found)?;
        let hits: u64 = self
            .confusion
            .by_class()
            .values()
            .map(|class| class.hits)
            .sum();
        Ok(Metrics::new().with(self.name(), hits as f64 / found as f64))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }
}

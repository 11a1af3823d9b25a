//! Mean squared error.

use crate::error::{MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::pairs::values;
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// The mean of the squared errors of a regression. Lower is better. It keeps a sum and a count.
///
/// One NaN among predictions or labels makes the value NaN.
#[derive(Debug, Clone, Default)]
pub struct MeanSquaredError {
    sum: f64,
    count: u64,
}

impl MeanSquaredError {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for MeanSquaredError {
    fn name(&self) -> &str {
        "mse"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        for (predicted, label) in values(batch)? {
            self.sum += (predicted - label) * (predicted - label);
            self.count += 1;
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.sum += other.sum;
        self.count += other.count;
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        if self.count == 0 {
            let metric = self.name().to_string();
            return Err(MetricError::TooFew {
                metric,
                needed: 1,
                found: 0,
            });
        }
        Ok(Metrics::new().with(self.name(), self.sum / self.count as f64))
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn higher_is_better(&self) -> bool {
        false
    }
}

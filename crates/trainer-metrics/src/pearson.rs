//! Pearson's correlation.

use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::moments::Moments;
use crate::pairs::values;
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Pearson's correlation of predictions and labels, from -1 to 1. It keeps six numbers.
///
/// Predictions and labels have the same shape; several values a row are taken as so many examples. It is NaN, as in
/// SciPy, where predictions or labels are all the same or one is NaN. It is computed in double precision, where SciPy
/// works in single precision on single-precision arrays.
#[derive(Debug, Clone)]
pub struct Pearson {
    name: &'static str,
    moments: Moments,
}

impl Pearson {
    /// Nothing seen yet; the value is called `pearsonr`.
    pub fn new() -> Self {
        Self::named("pearsonr")
    }

    /// As [`new`](Self::new) with another name for the value; GLUE calls it `pearson`.
    pub fn named(name: &'static str) -> Self {
        Self {
            name,
            moments: Moments::default(),
        }
    }
}

impl Default for Pearson {
    fn default() -> Self {
        Self::new()
    }
}

impl Metric for Pearson {
    fn name(&self) -> &str {
        self.name
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        for (predicted, label) in values(batch)? {
            self.moments.add(predicted, label);
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        self.moments.merge(downcast::<Self>(self, other)?.moments);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let found = self.moments.count();
        at_least(self.name(), 2, found)?;
        Ok(Metrics::new().with(self.name(), self.moments.correlation()))
    }

    fn reset(&mut self) {
        self.moments = Moments::default();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

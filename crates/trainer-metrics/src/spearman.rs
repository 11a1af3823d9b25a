//! Spearman's rank correlation.

use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::moments::Moments;
use crate::pairs::values;
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Spearman's rank correlation of predictions and labels, from -1 to 1: Pearson's correlation of their ranks, equal
/// values sharing the mean of their ranks.
///
/// Predictions and labels have the same shape; several values a row are taken as so many examples.
///
/// Ranks are known only when all values are, so this metric keeps them: 16 bytes for each example. It is NaN, as in
/// SciPy, where predictions or labels are all the same or one is NaN.
#[derive(Debug, Clone, Default)]
pub struct Spearman {
    predictions: Vec<f64>,
    labels: Vec<f64>,
}

impl Spearman {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for Spearman {
    fn name(&self) -> &str {
        "spearmanr"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        for (predicted, label) in values(batch)? {
            self.predictions.push(predicted);
            self.labels.push(label);
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.predictions.extend(other.predictions);
        self.labels.extend(other.labels);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        let found = self.labels.len();
        at_least(self.name(), 2, found as u64)?;
        let mut all = self.predictions.iter().chain(&self.labels);
        if all.any(|value| value.is_nan()) {
            return Ok(Metrics::new().with(self.name(), f64::NAN));
        }
        let mut moments = Moments::default();
        for (predicted, label) in std::iter::zip(ranks(&self.predictions), ranks(&self.labels)) {
            moments.add(predicted, label);
        }
        Ok(Metrics::new().with(self.name(), moments.correlation()))
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

/// The rank of each value from 1 on; equal values share the mean of their ranks.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        for at in equal {
            ranks[*at] = rank;
        }
        before += equal.len();
    }
    ranks
}

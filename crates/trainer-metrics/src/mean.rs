//! A mean that grows and merges.

use crate::error::{Result, at_least};

/// The sum of what was added, each as often as its weight says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mean {
    sum: f64,
    weight: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, value: f64) {
        self.add_weighted(value, 1);
    }

    /// A weight of 0 adds nothing, not even a NaN.
    pub(crate) fn add_weighted(&mut self, value: f64, weight: u64) {
        if weight > 0 {
            self.sum += value * weight as f64;
            self.weight += weight;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
    }

    /// The mean for `metric`, which an error names where nothing was added.
    pub(crate) fn of(&self, metric: &str) -> Result<f64> {
        at_least(metric, 1, self.weight)?;
        Ok(self.sum / self.weight as f64)
    }
}

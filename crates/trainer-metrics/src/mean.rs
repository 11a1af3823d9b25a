//! A mean that grows and merges.

use crate::error::{Result, too_few};

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

    /// The mean, if anything was added.
    fn value(&self) -> Option<f64> {
        (self.weight > 0).then(|| self.sum / self.weight as f64)
    }

    /// The mean for `metric`, which an error names where nothing was added.
    pub(crate) fn of(&self, metric: &str) -> Result<f64> {
        self.value().ok_or_else(|| too_few(metric, 1, 0))
    }
}

/// The mean of values, each as often as its weight says; one of no weight does not count, even if it is NaN. Where no value
/// has weight the mean is `empty`.
pub(crate) fn weighted_mean(values: impl Iterator<Item = (f64, u64)>, empty: f64) -> f64 {
    let mut mean = Mean::default();
    values.for_each(|(value, weight)| mean.add_weighted(value, weight));
    mean.value().unwrap_or(empty)
}

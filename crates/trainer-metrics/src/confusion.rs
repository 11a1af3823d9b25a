//! How often each class was predicted for each class.

use std::collections::{BTreeMap, BTreeSet};

use crate::classes::classes;
use crate::error::Result;
use crate::prediction::EvalPrediction;

/// Counts by predicted and true class. Memory grows with the number of pairs of classes seen, not of examples.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Confusion {
    counts: BTreeMap<(i64, i64), u64>,
}

/// One class against all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts {
    /// Examples of the class that were found.
    pub hits: u64,
    /// Examples that were said to be of the class.
    pub predicted: u64,
    /// Examples of the class.
    pub labelled: u64,
}

impl Confusion {
    pub(crate) fn add(&mut self, batch: &EvalPrediction) -> Result<()> {
        for pair in classes(batch)? {
            *self.counts.entry(pair).or_default() += 1;
        }
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (pair, count) in other.counts {
            *self.counts.entry(pair).or_default() += count;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.counts.clear();
    }

    /// The number of examples.
    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Every class among predictions and labels, ascending.
    pub(crate) fn classes(&self) -> Vec<i64> {
        let classes: BTreeSet<i64> = self.counts.keys().flat_map(|(a, b)| [*a, *b]).collect();
        classes.into_iter().collect()
    }

    /// The counts of every class, ascending by class.
    pub(crate) fn by_class(&self) -> BTreeMap<i64, ClassCounts> {
        let mut by_class: BTreeMap<i64, ClassCounts> = BTreeMap::new();
        for (&(predicted, label), &count) in &self.counts {
            by_class.entry(predicted).or_default().predicted += count;
            let of_label = by_class.entry(label).or_default();
            of_label.labelled += count;
            if predicted == label {
                of_label.hits += count;
            }
        }
        by_class
    }
}

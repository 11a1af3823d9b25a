//! How often each class was predicted for each class.

use std::collections::{BTreeMap, BTreeSet};

use crate::classes::Classes;
use crate::error::{MetricError, Result, same_settings};
use crate::label_sets::{LabelSets, SeenSets};
use crate::prediction::EvalPrediction;

/// Counts by predicted and true class. Memory grows with the number of pairs of classes seen, not of examples.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Confusion {
    threshold: Option<f32>,
    counts: BTreeMap<(i64, i64), u64>,
    sets: SeenSets,
}

/// One class against all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ClassCounts {
    /// Examples of the class that were found.
    pub hits: u64,
    /// Examples that were said to be of the class.
    pub predicted: u64,
    /// Examples of the class.
    pub labelled: u64,
}

impl ClassCounts {
    pub(crate) const fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.predicted += other.predicted;
        self.labelled += other.labelled;
    }

    pub(crate) fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        all.for_each(|counts| sum.add(*counts));
        sum
    }
}

impl Confusion {
    /// Takes predictions as scores, and what is higher than this as 1.
    pub(crate) const fn with_threshold(mut self, threshold: f32) -> Self {
        self.threshold = Some(threshold);
        self
    }

    pub(crate) fn add(&mut self, batch: &EvalPrediction) -> Result<()> {
        let classes = Classes::read(batch, self.threshold)?;
        for pair in classes.labelled() {
            *self.counts.entry(pair).or_default() += 1;
        }
        self.sets.add(&classes);
        Ok(())
    }

    /// Adds what another one for `metric` has seen.
    pub(crate) fn merge(&mut self, metric: &str, other: Self) -> Result<()> {
        same_settings(metric, &self.threshold, &other.threshold)?;
        for (pair, count) in other.counts {
            *self.counts.entry(pair).or_default() += count;
        }
        self.sets.merge(other.sets);
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.counts.clear();
        self.sets = SeenSets::Nothing;
    }

    /// The number of examples.
    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The counts of sets of labels, where every row was one.
    pub(crate) const fn label_sets(&self) -> Option<&LabelSets> {
        match &self.sets {
            SeenSets::Only(sets) => Some(sets),
            SeenSets::Nothing | SeenSets::Other => None,
        }
    }

    /// For a metric that has no meaning for several labels a row.
    pub(crate) fn refuse_label_sets(&self, metric: &'static str) -> Result<()> {
        match self.label_sets() {
            Some(sets) => Err(MetricError::SeveralLabels {
                metric,
                labels: sets.columns().len(),
            }),
            None => Ok(()),
        }
    }

    /// The number of examples of this true class for which that class was predicted.
    pub(crate) fn count(&self, label: i64, predicted: i64) -> u64 {
        self.counts.get(&(predicted, label)).copied().unwrap_or(0)
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

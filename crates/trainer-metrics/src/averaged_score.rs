//! Scores of single classes, averaged over the classes.

use std::marker::PhantomData;

use crate::average::Average;
use crate::confusion::{ClassCounts, Confusion};
use crate::error::{Result, same_settings};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// The score of one class against all others.
pub trait ClassScore: Default + Send + 'static {
    /// The name of the average.
    const NAME: &'static str;

    /// Numerator and denominator of the score.
    fn parts(counts: ClassCounts) -> (u64, u64);
}

/// A score `S` of single classes, averaged: [`Precision`](crate::Precision), [`Recall`](crate::Recall) or
/// [`F1`](crate::F1).
///
/// Rows have one label, or several of 0 and 1 ([several labels a row](crate#several-labels-a-row)). Where the
/// denominator is 0 the value is 0, as with scikit-learn's `zero_division=0`. It keeps one count for each pair of
/// classes.
#[derive(Debug, Clone, Default)]
pub struct AveragedScore<S> {
    average: Average,
    confusion: Confusion,
    score: PhantomData<S>,
}

impl<S: ClassScore> AveragedScore<S> {
    /// The score averaged over classes in this way; the default is binary with the positive class 1.
    pub fn new(average: Average) -> Self {
        Self {
            average,
            ..Self::default()
        }
    }

    /// Takes predictions as one score for each label of 0 or 1, and says 1 where the score is higher than `threshold`:
    /// 0 for logits is a probability of 0.5.
    #[must_use]
    pub fn with_threshold(self, threshold: f32) -> Self {
        Self {
            confusion: self.confusion.with_threshold(threshold),
            ..self
        }
    }
}

impl<S: ClassScore> Metric for AveragedScore<S> {
    fn name(&self) -> &str {
        S::NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        same_settings(S::NAME, &self.average, &other.average)?;
        self.confusion.merge(S::NAME, other.confusion)
    }

    fn compute(&self) -> Result<Metrics> {
        let value = self.average.of(S::NAME, &self.confusion, S::parts)?;
        Ok(Metrics::new().with(S::NAME, value))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

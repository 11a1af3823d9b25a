//! Mean losses of probabilities.

use std::marker::PhantomData;

use crate::error::{Result, same_settings};
use crate::mean::Mean;
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::scores::{ScoredClasses, Scores};
use crate::values::Metrics;

/// What the probabilities of one example lose.
pub trait LossMeasure: Default + Send + 'static {
    /// The name of the mean.
    const NAME: &'static str;

    /// The loss of the probabilities of two or more classes, one of which is `label`.
    fn of(probabilities: &[f64], label: usize) -> f64;
}

/// The mean of what the probabilities of the classes lose, as `L` says: [`LogLoss`](crate::LogLoss) or
/// [`BrierScore`](crate::BrierScore). Lower is better. It keeps a sum and a count.
///
/// Predictions are the scores of two or more classes, `[rows, classes]`, with classes as labels, or one score a row,
/// that of class 1, with labels of 0 and 1. The label [`IGNORED_LABEL`](crate::IGNORED_LABEL) is skipped. Scores are logits
/// unless [`with_scores`](Self::with_scores) says otherwise. The classes are those that have scores, whether they occur
/// among the labels or not (`labels` of scikit-learn, which refuses labels that are all of one class without it).
///
/// It computes in double precision, so its values are scikit-learn's for arrays of float64. One NaN among the scores makes
/// it NaN, where scikit-learn refuses it.
///
/// # Errors
///
/// A batch with several labels a row, a label that is not among the classes, and what is given as probabilities and is not
/// from 0 to 1 or sums up to something else than 1, within 0.001 (scikit-learn warns of the last).
#[derive(Debug, Clone, Default)]
pub struct ProbabilityLoss<L> {
    scores: Scores,
    mean: Mean,
    measure: PhantomData<L>,
}

impl<L: LossMeasure> ProbabilityLoss<L> {
    /// Of logits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of scores of this kind.
    #[must_use]
    pub fn with_scores(self, scores: Scores) -> Self {
        Self { scores, ..self }
    }
}

impl<L: LossMeasure> Metric for ProbabilityLoss<L> {
    fn name(&self) -> &str {
        L::NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let scored = ScoredClasses::read(L::NAME, batch)?.probabilities(self.scores)?;
        for (label, probabilities) in scored.iter() {
            self.mean.add(L::of(probabilities, label));
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        same_settings(L::NAME, &self.scores, &other.scores)?;
        self.mean.merge(other.mean);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        Ok(Metrics::new().with(L::NAME, self.mean.of(L::NAME)?))
    }

    fn reset(&mut self) {
        self.mean = Mean::default();
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

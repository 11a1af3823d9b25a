//! Means of the errors of a regression.

use crate::error::Result;
use crate::mean::Mean;
use crate::metric::{Metric, downcast};
use crate::pairs::values;
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// What one error counts for.
pub trait ErrorMeasure: Default + Send + 'static {
    /// The name of the mean.
    const NAME: &'static str;

    /// What is counted of prediction minus label.
    fn of(difference: f64) -> f64;
}

/// The mean of the errors of a regression, each counted as `E` says. Lower is better. It keeps a sum and a count.
///
/// Predictions and labels have the same shape, `[rows]` or `[rows, values]`; all values count alike, as with
/// scikit-learn's uniform average. One NaN among them makes the value NaN, where scikit-learn refuses it. It is computed in
/// double precision, where scikit-learn works in single precision on single-precision arrays: the two agree to about the
/// seventh digit.
#[derive(Debug, Clone, Default)]
pub struct MeanError<E> {
    mean: Mean,
    measure: std::marker::PhantomData<E>,
}

impl<E: ErrorMeasure> MeanError<E> {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<E: ErrorMeasure> Metric for MeanError<E> {
    fn name(&self) -> &str {
        E::NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        for (predicted, label) in values(batch)? {
            self.mean.add(E::of(predicted - label));
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        self.mean.merge(downcast::<Self>(self, other)?.mean);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        Ok(Metrics::new().with(E::NAME, self.mean.of(E::NAME)?))
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

//! The seam: what a metric is.

use std::any::Any;
use std::fmt;

use crate::error::{MetricError, Result};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Something computed from predictions and labels that come batch by batch.
///
/// `Box<dyn Metric>` is itself a metric.
pub trait Metric: Any + Send {
    /// What it is called in errors; also the name of its value where it computes one.
    fn name(&self) -> &str;

    /// Takes one more batch. After an error its values mean nothing until it is [`reset`](Self::reset).
    ///
    /// # Errors
    ///
    /// Predictions and labels that do not go together.
    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()>;

    /// Takes what another metric of the same kind and settings has seen, as if its batches had been added here.
    ///
    /// # Errors
    ///
    /// [`MetricError::Merge`] where the other is not of the same kind and settings.
    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()>;

    /// The values over all batches so far.
    ///
    /// # Errors
    ///
    /// [`MetricError::TooFew`] where nothing was seen that a value can be computed from.
    fn compute(&self) -> Result<Metrics>;

    /// Forgets all batches.
    fn reset(&mut self);

    /// The names of the values that [`compute`](Self::compute) gives, where they are known before: a run that is to follow one is
    /// refused before its first step if there is no such value. `None`, the default, where they are not.
    fn value_names(&self) -> Option<Vec<String>> {
        None
    }

    /// Whether a higher value is a better one. True by default, since only errors and losses are the other way.
    fn higher_is_better(&self) -> bool {
        true
    }

    /// Whether it needs labels: true by default, and then it is not computed of rows that have none.
    fn needs_labels(&self) -> bool {
        true
    }
}

impl fmt::Debug for dyn Metric {
    /// What it is called.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Metric for Box<dyn Metric> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        (**self).add_batch(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = if (&*other as &dyn Any).is::<Self>() {
            *downcast::<Self>(self, other)?
        } else {
            other
        };
        (**self).merge(other)
    }

    fn compute(&self) -> Result<Metrics> {
        (**self).compute()
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        (**self).value_names()
    }

    fn higher_is_better(&self) -> bool {
        (**self).higher_is_better()
    }

    fn needs_labels(&self) -> bool {
        (**self).needs_labels()
    }
}

/// The other metric as one of type `M`, to be merged into `into`.
pub(crate) fn downcast<M: Metric>(into: &M, other: Box<dyn Metric>) -> Result<Box<M>> {
    let found = other.name().to_string();
    (other as Box<dyn Any>)
        .downcast()
        .map_err(|_| MetricError::Merge {
            expected: into.name().to_string(),
            found,
        })
}

//! Exact match.

use crate::classes::{Classes, is_labelled};
use crate::error::{Result, at_least, same_settings};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "exact_match";

/// The part of the rows that are right in all their labels: `exact_match`. It keeps two counts.
///
/// A row is one class, several labels of 0 or 1, or the classes of its tokens; places of the label
/// [`IGNORED_LABEL`](crate::IGNORED_LABEL) do not count, nor rows that have no other. With one label a row it is the
/// accuracy.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, ExactMatch, Metric};
///
/// let mut metric = ExactMatch::new();
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[2, 3], vec![4, 5, 6, 7, 8, 9])?,
///     Array::int(&[2, 3], vec![4, 5, -100, 7, 0, 9])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("exact_match"), Some(0.5));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ExactMatch {
    threshold: Option<f32>,
    exact: u64,
    rows: u64,
}

impl ExactMatch {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes predictions as one score for each label of 0 or 1, and says 1 where the score is higher than `threshold`:
    /// 0 for logits is a probability of 0.5.
    #[must_use]
    pub const fn with_threshold(mut self, threshold: f32) -> Self {
        self.threshold = Some(threshold);
        self
    }
}

impl Metric for ExactMatch {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        for row in Classes::read(batch, self.threshold)?.rows() {
            let mut labelled = row.iter().filter(|pair| is_labelled(pair)).peekable();
            if labelled.peek().is_some() {
                self.rows += 1;
                self.exact += u64::from(labelled.all(|(predicted, label)| predicted == label));
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        same_settings(NAME, &self.threshold, &other.threshold)?;
        self.exact += other.exact;
        self.rows += other.rows;
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(NAME, 1, self.rows)?;
        Ok(Metrics::new().with(NAME, self.exact as f64 / self.rows as f64))
    }

    fn reset(&mut self) {
        (self.exact, self.rows) = (0, 0);
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

//! Several metrics as one.

use crate::error::{MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// Several metrics that see the same batches; its values are theirs, in order.
///
/// ```
/// use trainer_metrics::{Accuracy, Average, F1, MetricGroup};
///
/// let metrics = MetricGroup::new("news").with(Accuracy::new()).with(F1::new(Average::Macro));
/// ```
#[derive(Debug)]
pub struct MetricGroup {
    name: &'static str,
    parts: Vec<Box<dyn Metric>>,
}

impl MetricGroup {
    /// A group without metrics; `name` is for errors.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            parts: Vec::new(),
        }
    }

    /// The group with one more metric. The first one decides whether higher is better.
    #[must_use]
    pub fn with(mut self, metric: impl Metric) -> Self {
        self.parts.push(Box::new(metric));
        self
    }
}

impl Metric for MetricGroup {
    fn name(&self) -> &str {
        self.name
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.parts
            .iter_mut()
            .try_for_each(|part| part.add_batch(batch))
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        if other.name != self.name || other.parts.len() != self.parts.len() {
            return Err(MetricError::Merge {
                expected: self.name.to_string(),
                found: other.name.to_string(),
            });
        }
        std::iter::zip(&mut self.parts, other.parts)
            .try_for_each(|(part, other)| (**part).merge(other))
    }

    fn compute(&self) -> Result<Metrics> {
        let mut metrics = Metrics::new();
        for part in &self.parts {
            metrics.extend(part.compute()?);
        }
        Ok(metrics)
    }

    fn reset(&mut self) {
        self.parts.iter_mut().for_each(|part| part.reset());
    }

    fn value_names(&self) -> Option<Vec<String>> {
        let names: Option<Vec<_>> = self.parts.iter().map(|part| part.value_names()).collect();
        Some(names?.concat())
    }

    fn higher_is_better(&self) -> bool {
        self.parts
            .first()
            .is_none_or(|part| part.higher_is_better())
    }
}

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
///
/// Two that would give values of one name are told apart by names of their own:
///
/// ```
/// use trainer_metrics::{Average, F1, Metric, MetricGroup};
///
/// let both = MetricGroup::new("topics")
///     .with_named("f1_micro", F1::new(Average::Micro))
///     .with_named("f1_macro", F1::new(Average::Macro));
/// assert_eq!(both.value_names(), Some(vec!["f1_micro".to_owned(), "f1_macro".to_owned()]));
/// ```
#[derive(Debug)]
pub struct MetricGroup {
    name: &'static str,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    metric: Box<dyn Metric>,
    /// What its one value is called here.
    name: Option<&'static str>,
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
        self.parts.push(Part {
            metric: Box::new(metric),
            name: None,
        });
        self
    }

    /// The group with one more metric, of one value, which is called `name`. Of a metric of several values each keeps its name.
    #[must_use]
    pub fn with_named(mut self, name: &'static str, metric: impl Metric) -> Self {
        self.parts.push(Part {
            metric: Box::new(metric),
            name: Some(name),
        });
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
            .try_for_each(|part| part.metric.add_batch(batch))
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
            .try_for_each(|(part, other)| part.metric.merge(other.metric))
    }

    fn compute(&self) -> Result<Metrics> {
        let mut metrics = Metrics::new();
        for part in &self.parts {
            let values = part.metric.compute()?;
            match part.name {
                Some(name) if values.len() == 1 => {
                    metrics.extend(
                        values
                            .into_iter()
                            .map(|(_, value)| (name.to_owned(), value)),
                    );
                }
                _ => metrics.extend(values),
            }
        }
        Ok(metrics)
    }

    fn reset(&mut self) {
        self.parts.iter_mut().for_each(|part| part.metric.reset());
    }

    fn value_names(&self) -> Option<Vec<String>> {
        let names = self.parts.iter().map(|part| match part.name {
            Some(name) => Some(vec![name.to_owned()]),
            None => part.metric.value_names(),
        });
        Some(names.collect::<Option<Vec<_>>>()?.concat())
    }

    /// Where one of them does.
    fn needs_labels(&self) -> bool {
        self.parts.iter().any(|part| part.metric.needs_labels())
    }

    fn higher_is_better(&self) -> bool {
        self.parts
            .first()
            .is_none_or(|part| part.metric.higher_is_better())
    }
}

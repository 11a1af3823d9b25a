//! Functions as metrics: all batches are collected and given to the function at once.

use crate::array::Array;
use crate::classes::IGNORED_LABEL;
use crate::error::{BoxError, MetricError, Result};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

/// What can be given as a metric: a [`Metric`], or a function from all predictions to values, as Python's
/// `compute_metrics` is.
///
/// A function sees the whole evaluation at once, so all predictions and labels are kept until then; a [`Metric`] needs
/// memory for one batch only. Batches of different width are padded with -100.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, IntoMetric, Metric, MetricError, Metrics};
///
/// let count = |all: &EvalPrediction| Ok::<_, MetricError>(Metrics::new().with("rows", all.label_ids.len() as f64));
/// let mut metric = count.into_metric();
/// for _ in 0..3 {
///     metric.add_batch(&EvalPrediction::new(Array::float(&[2, 2], vec![0.0; 4])?, Array::int(&[2], vec![0, 1])?))?;
/// }
/// assert_eq!(metric.compute()?.get("rows"), Some(6.0));
/// # Ok::<(), MetricError>(())
/// ```
pub trait IntoMetric<Kind> {
    /// The metric.
    fn into_metric(self) -> Box<dyn Metric>;
}

/// Marks [`IntoMetric`] of what is a [`Metric`] already.
#[derive(Debug)]
pub enum AsMetric {}

/// Marks [`IntoMetric`] of a function.
#[derive(Debug)]
pub enum AsFunction {}

impl<M: Metric> IntoMetric<AsMetric> for M {
    fn into_metric(self) -> Box<dyn Metric> {
        Box::new(self)
    }
}

impl<F, E> IntoMetric<(AsFunction, E)> for F
where
    F: Fn(&EvalPrediction) -> Result<Metrics, E> + Send + 'static,
    E: Into<BoxError> + 'static,
{
    fn into_metric(self) -> Box<dyn Metric> {
        Box::new(Collected {
            function: move |all: &EvalPrediction| {
                self(all).map_err(|error| MetricError::Function(error.into()))
            },
            predictions: Vec::new(),
            labels: Vec::new(),
        })
    }
}

struct Collected<F> {
    function: F,
    predictions: Vec<Array>,
    labels: Vec<Array>,
}

impl<F> Metric for Collected<F>
where
    F: Fn(&EvalPrediction) -> Result<Metrics> + Send + 'static,
{
    fn name(&self) -> &str {
        "the metrics function"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let (predictions, labels) = (batch.predictions.num_rows(), batch.label_ids.num_rows());
        if predictions != labels {
            return Err(MetricError::Lengths {
                predictions,
                labels,
            });
        }
        self.predictions.push(batch.predictions.clone());
        self.labels.push(batch.label_ids.clone());
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.predictions.extend(other.predictions);
        self.labels.extend(other.labels);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        if self.labels.is_empty() {
            let metric = self.name().to_string();
            return Err(MetricError::TooFew {
                metric,
                needed: 1,
                found: 0,
            });
        }
        (self.function)(&EvalPrediction::new(
            Array::concatenate(&self.predictions, IGNORED_LABEL)?,
            Array::concatenate(&self.labels, IGNORED_LABEL)?,
        ))
    }

    fn reset(&mut self) {
        self.predictions.clear();
        self.labels.clear();
    }
}

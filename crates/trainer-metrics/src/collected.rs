//! Functions as metrics: all batches are collected and given to the function at once.

use crate::classes::IGNORED_LABEL;
use crate::error::{BoxError, MetricError, Result, at_least};
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
/// let count = |all: &EvalPrediction| Ok::<_, MetricError>(Metrics::new().with("rows", all.labels()?.len() as f64));
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
            batches: Vec::new(),
        })
    }
}

struct Collected<F> {
    function: F,
    batches: Vec<EvalPrediction>,
}

impl<F> Metric for Collected<F>
where
    F: Fn(&EvalPrediction) -> Result<Metrics> + Send + 'static,
{
    fn name(&self) -> &str {
        "the metrics function"
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        check_rows(batch)?;
        self.batches.push(batch.clone());
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.batches.extend(other.batches);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(self.name(), 1, self.batches.len() as u64)?;
        (self.function)(&EvalPrediction::concatenate(&self.batches, IGNORED_LABEL)?)
    }

    fn reset(&mut self) {
        self.batches.clear();
    }
}

/// Every array of a batch has as many rows as its first prediction.
fn check_rows(batch: &EvalPrediction) -> Result<()> {
    let Some((_, first)) = batch.predictions.iter().next() else {
        return Ok(());
    };
    let predictions = first.num_rows();
    match batch
        .label_ids
        .iter()
        .find(|(_, labels)| labels.num_rows() != predictions)
    {
        Some((_, labels)) => Err(MetricError::Lengths {
            predictions,
            labels: labels.num_rows(),
        }),
        None => Ok(()),
    }
}

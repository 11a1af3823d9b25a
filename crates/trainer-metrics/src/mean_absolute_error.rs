//! Mean absolute error.

use crate::mean_error::{ErrorMeasure, MeanError};

/// The mean of the absolute errors of a regression: `mae`.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, MeanAbsoluteError, Metric};
///
/// let mut metric = MeanAbsoluteError::new();
/// let predictions = Array::float(&[2], vec![1.0, 5.0])?;
/// metric.add_batch(&EvalPrediction::new(predictions, Array::float(&[2], vec![2.0, 2.0])?))?;
/// assert_eq!(metric.compute()?.get("mae"), Some(2.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type MeanAbsoluteError = MeanError<Absolute>;

/// Errors count by their size.
#[derive(Debug, Clone, Copy, Default)]
pub struct Absolute;

impl ErrorMeasure for Absolute {
    const NAME: &'static str = "mae";

    fn of(difference: f64) -> f64 {
        difference.abs()
    }
}

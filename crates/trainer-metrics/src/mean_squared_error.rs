//! Mean squared error.

use crate::mean_error::{ErrorMeasure, MeanError};

/// The mean of the squared errors of a regression: `mse`.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, MeanSquaredError, Metric};
///
/// let mut metric = MeanSquaredError::new();
/// let predictions = Array::float(&[2], vec![1.0, 5.0])?;
/// metric.add_batch(&EvalPrediction::new(predictions, Array::float(&[2], vec![2.0, 2.0])?))?;
/// assert_eq!(metric.compute()?.get("mse"), Some(5.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type MeanSquaredError = MeanError<Squared>;

/// Errors count by their square.
#[derive(Debug, Clone, Copy, Default)]
pub struct Squared;

impl ErrorMeasure for Squared {
    const NAME: &'static str = "mse";

    fn of(difference: f64) -> f64 {
        difference * difference
    }
}

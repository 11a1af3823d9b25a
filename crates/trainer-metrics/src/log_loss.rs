//! Log loss.

use crate::probability_loss::{LossMeasure, ProbabilityLoss};

/// The mean of minus the natural logarithm of the probability of the true class, cross entropy: `log_loss`, from 0 to 36.04.
///
/// A probability counts as at least 2.2e-16, as in scikit-learn on arrays of float64; on those of float32 it takes 1.2e-7,
/// so that a loss is at most 15.9 there.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, LogLoss, Metric, Scores};
///
/// let mut metric = LogLoss::new().with_scores(Scores::Probabilities);
/// let probabilities = Array::float(&[2, 2], vec![0.5, 0.5, 0.75, 0.25])?;
/// metric.add_batch(&EvalPrediction::new(probabilities, Array::int(&[2], vec![0, 1])?))?;
/// assert_eq!(metric.compute()?.get("log_loss"), Some((2f64.ln() + 4f64.ln()) / 2.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type LogLoss = ProbabilityLoss<LogLossMeasure>;

/// Minus the logarithm of the probability of the true class.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogLossMeasure;

impl LossMeasure for LogLossMeasure {
    const NAME: &'static str = "log_loss";

    fn of(probabilities: &[f64], label: usize) -> f64 {
        -probabilities[label]
            .clamp(f64::EPSILON, 1.0 - f64::EPSILON)
            .ln()
    }
}

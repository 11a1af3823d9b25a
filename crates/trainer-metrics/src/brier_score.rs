//! Brier score.

use crate::probability_loss::{LossMeasure, ProbabilityLoss};

/// The mean squared distance of the probabilities from the truth, 1 for the true class and 0 for the others:
/// `brier_score`. Of two classes it is the squared error of the probability of class 1, from 0 to 1; of more it is the sum over
/// the classes, from 0 to 2, as with scikit-learn's `scale_by_half="auto"`.
///
/// ```
/// use trainer_metrics::{Array, BrierScore, EvalPrediction, Metric, Scores};
///
/// let mut metric = BrierScore::new().with_scores(Scores::Probabilities);
/// let of_class_1 = Array::float(&[2], vec![0.5, 0.25])?;
/// metric.add_batch(&EvalPrediction::new(of_class_1, Array::int(&[2], vec![1, 0])?))?;
/// assert_eq!(metric.compute()?.get("brier_score"), Some((0.25 + 0.0625) / 2.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type BrierScore = ProbabilityLoss<BrierMeasure>;

/// The squared distance from the truth.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrierMeasure;

impl LossMeasure for BrierMeasure {
    const NAME: &'static str = "brier_score";

    fn of(probabilities: &[f64], label: usize) -> f64 {
        let squares = probabilities
            .iter()
            .enumerate()
            .map(|(class, probability)| {
                let truth = if class == label { 1.0 } else { 0.0 };
                (truth - probability) * (truth - probability)
            });
        let sum: f64 = squares.sum();
        if probabilities.len() > 2 {
            sum
        } else {
            sum / 2.0
        }
    }
}

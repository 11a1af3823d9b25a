//! F1.

use crate::averaged_score::{AveragedScore, ClassScore};
use crate::confusion::ClassCounts;

/// The harmonic mean of precision and recall: `f1`.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, F1, Metric};
///
/// let mut metric = F1::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("f1"), Some((1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type F1 = AveragedScore<F1Score>;

/// Twice the hits over what was predicted and what is.
#[derive(Debug, Clone, Copy, Default)]
pub struct F1Score;

impl ClassScore for F1Score {
    const NAME: &'static str = "f1";

    fn parts(counts: ClassCounts) -> (u64, u64) {
        (2 * counts.hits, counts.predicted + counts.labelled)
    }
}

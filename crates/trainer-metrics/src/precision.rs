//! Precision.

use crate::averaged_score::{AveragedScore, ClassScore};
use crate::confusion::ClassCounts;

/// Of the examples said to be of a class, the part that is: `precision`.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, Metric, Precision};
///
/// let mut metric = Precision::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("precision"), Some(2.5 / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type Precision = AveragedScore<PrecisionScore>;

/// The hits over what was predicted.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrecisionScore;

impl ClassScore for PrecisionScore {
    const NAME: &'static str = "precision";

    fn parts(counts: ClassCounts) -> (u64, u64) {
        (counts.hits, counts.predicted)
    }
}

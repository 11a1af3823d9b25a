//! Recall.

use crate::averaged_score::{AveragedScore, ClassScore};
use crate::confusion::ClassCounts;

/// Of the examples of a class, the part that was found: `recall`.
///
/// ```
/// use trainer_metrics::{Array, Average, EvalPrediction, Metric, Recall};
///
/// let mut metric = Recall::new(Average::Macro);
/// metric.add_batch(&EvalPrediction::new(
///     Array::int(&[4], vec![0, 1, 1, 2])?,
///     Array::int(&[4], vec![0, 1, 2, 2])?,
/// ))?;
/// assert_eq!(metric.compute()?.get("recall"), Some(2.5 / 3.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
pub type Recall = AveragedScore<RecallScore>;

/// The hits over what is.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecallScore;

impl ClassScore for RecallScore {
    const NAME: &'static str = "recall";

    fn parts(counts: ClassCounts) -> (u64, u64) {
        (counts.hits, counts.labelled)
    }
}

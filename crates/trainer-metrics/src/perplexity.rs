//! Perplexity.

use crate::classes::IGNORED_LABEL;
use crate::error::{MetricError, Result};
use crate::mean::Mean;
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "perplexity";

/// `e` to the power of the mean loss, from 1 on where losses are cross entropy: `perplexity`. Lower is better. It keeps a sum
/// and a count.
///
/// The mean is that of [`losses`](EvalPrediction::losses), which the evaluation gives where `include_for_metrics` has
/// `loss`. A row counts as often as it has labels other than [`IGNORED_LABEL`], so that the mean is over labels, as that of the
/// evaluation loss is; a row without labels counts once. What is too large is infinite.
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, Metric, Perplexity};
///
/// let mut batch = EvalPrediction::new(Array::float(&[2, 3], vec![0.0; 6])?, Array::int(&[2], vec![1, 2])?);
/// batch.losses = Some(Array::float(&[2], vec![0.5, 1.5])?);
/// let mut metric = Perplexity::new();
/// metric.add_batch(&batch)?;
/// assert_eq!(metric.compute()?.get("perplexity"), Some(1f64.exp()));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Perplexity {
    mean: Mean,
}

impl Perplexity {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for Perplexity {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let losses = batch.losses.as_ref().ok_or(MetricError::NoLosses)?;
        let weights = labels_of_rows(batch, losses.len())?;
        for (loss, weight) in losses.values().zip(weights) {
            self.mean.add_weighted(loss, weight);
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        self.mean.merge(downcast::<Self>(self, other)?.mean);
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        Ok(Metrics::new().with(NAME, self.mean.of(NAME)?.exp()))
    }

    fn reset(&mut self) {
        self.mean = Mean::default();
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

/// How many labels count in each of `rows` rows; 1 where there are no labels.
fn labels_of_rows(batch: &EvalPrediction, rows: usize) -> Result<Vec<u64>> {
    if batch.label_ids.is_empty() {
        return Ok(vec![1; rows]);
    }
    let labels = batch.labels()?;
    if labels.num_rows() != rows {
        return Err(MetricError::Lengths {
            predictions: rows,
            labels: labels.num_rows(),
        });
    }
    let values: Vec<f64> = labels.values().collect();
    let counted = |row: &[f64]| {
        let counted = row.iter().filter(|label| **label != IGNORED_LABEL as f64);
        counted.count() as u64
    };
    let per_row = (labels.len() / rows.max(1)).max(1);
    Ok(values.chunks(per_row).map(counted).collect())
}

//! Top-k accuracy.

use std::cmp::Ordering;

use crate::error::{MetricError, Result, at_least, same_settings};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::scores::ScoredClasses;
use crate::values::Metrics;

/// The part of the examples whose class is among the `k` of the highest scores: `top_5_accuracy` for a `k` of 5. It keeps
/// two counts.
///
/// Predictions are scores of any kind, `[rows, classes]`; the label [`IGNORED_LABEL`](crate::IGNORED_LABEL) is skipped. Of
/// equal scores that of the later class counts as the higher, as in scikit-learn, so that `k` of 1 can differ from
/// [`Accuracy`](crate::Accuracy), which takes the first. NaN counts as the highest. With a `k` of all classes or more it is
/// 1 (scikit-learn warns of that).
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, Metric, TopKAccuracy};
///
/// let mut metric = TopKAccuracy::new(2)?;
/// let scores = Array::float(&[2, 3], vec![0.1, 0.7, 0.2, 0.5, 0.4, 0.1])?;
/// metric.add_batch(&EvalPrediction::new(scores, Array::int(&[2], vec![2, 2])?))?;
/// assert_eq!(metric.compute()?.get("top_2_accuracy"), Some(0.5));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TopKAccuracy {
    name: String,
    k: usize,
    hits: u64,
    total: u64,
}

impl TopKAccuracy {
    /// Among the `k` highest, 1 or more.
    ///
    /// # Errors
    ///
    /// [`MetricError::TopZero`].
    pub fn new(k: usize) -> Result<Self> {
        if k == 0 {
            return Err(MetricError::TopZero);
        }
        Ok(Self {
            name: format!("top_{k}_accuracy"),
            k,
            hits: 0,
            total: 0,
        })
    }
}

impl Metric for TopKAccuracy {
    fn name(&self) -> &str {
        &self.name
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let scored = ScoredClasses::read("top-k accuracy", batch)?;
        if scored.width == 1 {
            return Err(MetricError::Shapes {
                predictions: batch.logits()?.shape().to_vec(),
                labels: batch.labels()?.shape().to_vec(),
            });
        }
        for (label, scores) in scored.iter() {
            let before = |(class, score): (usize, &f64)| {
                compare(*score, scores[label]).then(class.cmp(&label)) == Ordering::Greater
            };
            let rank = scores.iter().enumerate().filter(|it| before(*it)).count();
            self.hits += u64::from(rank < self.k);
            self.total += 1;
        }
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        same_settings("top-k accuracy", &self.k, &other.k)?;
        self.hits += other.hits;
        self.total += other.total;
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(&self.name, 1, self.total)?;
        Ok(Metrics::new().with(&self.name, self.hits as f64 / self.total as f64))
    }

    fn reset(&mut self) {
        (self.hits, self.total) = (0, 0);
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

/// By value; NaN is higher than all, and equal to itself.
fn compare(score: f64, other: f64) -> Ordering {
    let of_nan = || score.is_nan().cmp(&other.is_nan());
    score.partial_cmp(&other).unwrap_or_else(of_nan)
}

//! Matthews' correlation coefficient.

use crate::confusion::Confusion;
use crate::error::{Result, at_least};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "matthews_correlation";

/// Matthews' correlation coefficient of two or more classes, from -1 to 1.
///
/// It is 0 where predictions or labels are all of one class, and refused, as in scikit-learn, for several labels a row.
/// The formula is that of
/// [scikit-learn](https://github.com/scikit-learn/scikit-learn/blob/1.7.2/sklearn/metrics/_classification.py). It keeps
/// one count for each pair of classes.
#[derive(Debug, Clone, Default)]
pub struct Matthews {
    confusion: Confusion,
}

impl Matthews {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Metric for Matthews {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.confusion.add(batch)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        self.confusion.merge(NAME, other.confusion)
    }

    fn compute(&self) -> Result<Metrics> {
        let found = self.confusion.total();
        at_least(NAME, 1, found)?;
        self.confusion.refuse_label_sets(NAME)?;
        let total = found as f64;
        let by_class = self.confusion.by_class();
        let sum = |term: fn(f64, f64) -> f64| -> f64 {
            by_class
                .values()
                .map(|class| term(class.predicted as f64, class.labelled as f64))
                .sum()
        };
        let hits: u64 = by_class.values().map(|class| class.hits).sum();
        let covariance = hits as f64 * total - sum(|predicted, labelled| predicted * labelled);
        let of_predictions = total * total - sum(|predicted, _| predicted * predicted);
        let of_labels = total * total - sum(|_, labelled| labelled * labelled);
        let variance = of_predictions * of_labels;
        let value = if variance == 0.0 {
            0.0
        } else {
            covariance / variance.sqrt()
        };
        Ok(Metrics::new().with(NAME, value))
    }

    fn reset(&mut self) {
        self.confusion.clear();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

//! One value from the counts of several classes.

use crate::confusion::{ClassCounts, Confusion};
use crate::error::{MetricError, Result, at_least};

/// How precision, recall and F1 of several classes become one value, as in
/// [scikit-learn](https://scikit-learn.org/stable/modules/model_evaluation.html#from-binary-to-multiclass-and-multilabel).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Average {
    /// The value of one class among two.
    Binary {
        /// The class.
        positive: i64,
    },
    /// The value of the summed counts of all classes.
    Micro,
    /// The mean over the classes that occur among predictions or labels.
    Macro,
    /// The mean over the classes, each as often as it occurs among the labels.
    Weighted,
}

impl Default for Average {
    /// Binary with the positive class 1.
    fn default() -> Self {
        Self::Binary { positive: 1 }
    }
}

impl Average {
    /// The average of `score`, which is a numerator and a denominator; where the denominator is 0 the value is 0.
    pub(crate) fn of(
        self,
        metric: &'static str,
        confusion: &Confusion,
        score: impl Fn(ClassCounts) -> (u64, u64),
    ) -> Result<f64> {
        let found = confusion.total();
        at_least(metric, 1, found)?;
        let by_class = confusion.by_class();
        let value = |counts: &ClassCounts| ratio(score(*counts));
        match self {
            Self::Binary { positive } => {
                let classes = confusion.classes();
                if classes.len() > 2 || (classes.len() == 2 && !classes.contains(&positive)) {
                    return Err(MetricError::NotBinary {
                        metric,
                        positive,
                        found: classes,
                    });
                }
                Ok(by_class.get(&positive).map_or(0.0, value))
            }
            Self::Micro => Ok(value(&by_class.values().fold(
                ClassCounts::default(),
                |sum, class| ClassCounts {
                    hits: sum.hits + class.hits,
                    predicted: sum.predicted + class.predicted,
                    labelled: sum.labelled + class.labelled,
                },
            ))),
            Self::Macro => Ok(by_class.values().map(value).sum::<f64>() / by_class.len() as f64),
            Self::Weighted => {
                let weighted = by_class
                    .values()
                    .map(|class| value(class) * class.labelled as f64);
                Ok(weighted.sum::<f64>() / found as f64)
            }
        }
    }
}

fn ratio((numerator, denominator): (u64, u64)) -> f64 {
    if denominator == 0 {
        return 0.0;
    }
    numerator as f64 / denominator as f64
}

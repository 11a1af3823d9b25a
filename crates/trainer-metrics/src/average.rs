//! One value from the counts of several classes.

use crate::confusion::{ClassCounts, Confusion};
use crate::error::{MetricError, Result, at_least};
use crate::label_sets::LabelSets;
use crate::mean::weighted_mean;

/// How precision, recall and F1 of several classes or labels become one value, as in
/// [scikit-learn](https://scikit-learn.org/stable/modules/model_evaluation.html#from-binary-to-multiclass-and-multilabel).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Average {
    /// The value of one class among two; refused for several labels a row.
    Binary {
        /// The class.
        positive: i64,
    },
    /// The value of the summed counts of all classes or labels.
    Micro,
    /// The mean over the classes that occur among predictions or labels, or over the labels of the rows.
    Macro,
    /// The mean over the classes, each as often as it occurs among the labels.
    Weighted,
    /// The mean over the rows, for several labels a row only.
    Samples,
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
        at_least(metric, 1, confusion.total())?;
        let value = |counts: ClassCounts| ratio(score(counts));
        match confusion.label_sets() {
            Some(sets) => self.over_labels(metric, sets, value),
            None => self.over_classes(metric, confusion, value),
        }
    }

    fn over_classes(
        self,
        metric: &'static str,
        confusion: &Confusion,
        value: impl Fn(ClassCounts) -> f64,
    ) -> Result<f64> {
        let by_class = confusion.by_class();
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
                Ok(by_class.get(&positive).copied().map_or(0.0, value))
            }
            Self::Micro => Ok(value(ClassCounts::sum(by_class.values()))),
            Self::Macro => Ok(weighted_mean(
                by_class.values().map(|class| (value(*class), 1)),
                0.0,
            )),
            Self::Weighted => Ok(weighted_mean(
                by_class
                    .values()
                    .map(|class| (value(*class), class.labelled)),
                0.0,
            )),
            Self::Samples => Err(self.unsuitable(metric, "one label a row")),
        }
    }

    fn over_labels(
        self,
        metric: &'static str,
        sets: &LabelSets,
        value: impl Fn(ClassCounts) -> f64,
    ) -> Result<f64> {
        let columns = sets.columns().iter();
        match self {
            Self::Binary { .. } => Err(self.unsuitable(metric, "several labels a row")),
            Self::Micro => Ok(value(ClassCounts::sum(columns))),
            Self::Macro => Ok(weighted_mean(
                columns.map(|column| (value(*column), 1)),
                0.0,
            )),
            Self::Weighted => Ok(weighted_mean(
                columns.map(|column| (value(*column), column.labelled)),
                0.0,
            )),
            Self::Samples => Ok(weighted_mean(
                sets.rows().map(|(row, count)| (value(row), count)),
                0.0,
            )),
        }
    }

    /// The error where data do not allow this average.
    pub(crate) fn unsuitable(self, metric: &'static str, data: &'static str) -> MetricError {
        MetricError::UnsuitableAverage {
            metric,
            average: self,
            data,
        }
    }
}

fn ratio((numerator, denominator): (u64, u64)) -> f64 {
    if denominator == 0 {
        return 0.0;
    }
    numerator as f64 / denominator as f64
}

//! ROC AUC.

use crate::average::Average;
use crate::error::{Result, same_settings, too_few};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::ranked::{Ranked, RowForm};
use crate::scores::Scores;
use crate::values::Metrics;

const NAME: &str = "roc_auc";

/// How three or more classes become pairs of classes, each with a ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MultiClass {
    /// Each class against all others (`ovr`).
    #[default]
    OneVsRest,
    /// Each class against each other, of those among the labels (`ovo`).
    OneVsOne,
}

/// The area under the curve of true against false positives, from 0 to 1; 0.5 is chance: `roc_auc`.
///
/// | predictions | labels | value |
/// |---|---|---|
/// | one score a row, that of class 1, of any scale | 0 or 1 a row | of class 1 |
/// | `[rows, 2]` | 0 or 1 a row | of class 1 |
/// | `[rows, classes]` | a class a row | the average over the classes, or over their pairs ([`MultiClass`]) |
/// | `[rows, labels]`, of any scale | `[rows, labels]` of 0 and 1 | the average over the labels |
///
/// The average is [`Average::Macro`] unless [`with_average`](Self::with_average) says otherwise: [`Average::Weighted`],
/// [`Average::Micro`] (not one against one), [`Average::Samples`] (several labels a row). Scores of classes are logits, of
/// which it takes the softmax, unless [`with_scores`](Self::with_scores) says otherwise. One label a row of
/// [`IGNORED_LABEL`](crate::IGNORED_LABEL) is skipped.
///
/// It is NaN where scikit-learn gives NaN with a warning: the labels of a curve are all of one class. So it is where a class
/// has scores and no label and the average counts it, for which scikit-learn needs `labels`; where one against one has no pair;
/// and where a score is NaN, which scikit-learn refuses.
///
/// A curve is known only when all scores are, so this metric keeps them: 8 bytes for each score and for each label (16 bytes a
/// row of two classes).
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, Metric, RocAuc};
///
/// let mut metric = RocAuc::new();
/// let logits = Array::float(&[4, 2], vec![0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8])?;
/// metric.add_batch(&EvalPrediction::new(logits, Array::int(&[4], vec![0, 0, 1, 1])?))?;
/// assert_eq!(metric.compute()?.get("roc_auc"), Some(0.75));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
///
/// # Errors
///
/// A batch with a label that is not among the classes, or rows of another form than before; probabilities that are none;
/// an average that is not defined, when it is computed.
#[derive(Debug, Clone)]
pub struct RocAuc {
    average: Average,
    multi_class: MultiClass,
    scores: Scores,
    ranked: Ranked,
}

impl Default for RocAuc {
    fn default() -> Self {
        Self {
            average: Average::Macro,
            multi_class: MultiClass::default(),
            scores: Scores::default(),
            ranked: Ranked::default(),
        }
    }
}

impl RocAuc {
    /// Of logits, the mean over classes or labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// Averaged over classes or labels in this way.
    #[must_use]
    pub fn with_average(self, average: Average) -> Self {
        Self { average, ..self }
    }

    /// With three or more classes taken in this way.
    #[must_use]
    pub fn with_multi_class(self, multi_class: MultiClass) -> Self {
        Self {
            multi_class,
            ..self
        }
    }

    /// Of scores of this kind, where they are of classes.
    #[must_use]
    pub fn with_scores(self, scores: Scores) -> Self {
        Self { scores, ..self }
    }
}

impl Metric for RocAuc {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        self.ranked.add(NAME, batch, self.scores)
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        let settings = |metric: &Self| (metric.average, metric.multi_class, metric.scores);
        same_settings(NAME, &settings(self), &settings(&other))?;
        self.ranked.merge(other.ranked)
    }

    fn compute(&self) -> Result<Metrics> {
        let (ranked, average) = (&self.ranked, self.average);
        let value = match (ranked.form(), average, self.multi_class) {
            (None, ..) => return Err(too_few(NAME, 1, 0)),
            (Some(RowForm::OneScore), ..) => ranked.area(),
            (Some(RowForm::Classes(classes)), _, MultiClass::OneVsOne) => {
                ranked.area_over_pairs(NAME, average, classes)?
            }
            (Some(RowForm::Labels(_)), Average::Samples, _) => ranked.area_over_rows(),
            (Some(RowForm::Classes(columns) | RowForm::Labels(columns)), ..) => {
                ranked.area_over_columns(NAME, average, columns)?
            }
        };
        Ok(Metrics::new().with(NAME, value))
    }

    fn reset(&mut self) {
        self.ranked = Ranked::default();
    }

    fn value_names(&self) -> Option<Vec<String>> {
        Some(vec![self.name().to_owned()])
    }
}

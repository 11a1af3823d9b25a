//! Scores and labels of all examples, for metrics that rank them.

use std::iter::zip;

use crate::classes::zeros_and_ones;
use crate::error::{MetricError, Result};
use crate::pairs::{Layout, layout, num_columns};
use crate::prediction::EvalPrediction;
use crate::scores::{ScoredClasses, Scores};

/// What a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowForm {
    /// The score of class 1, and one label of 0 or 1.
    OneScore,
    /// So many probabilities, and one class.
    Classes(usize),
    /// So many scores, and as many labels of 0 or 1.
    Labels(usize),
}

/// All examples so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranked {
    /// `None` before the first example.
    form: Option<RowForm>,
    scores: Vec<f64>,
    /// One class a row, or the labels of the row.
    labels: Vec<usize>,
}

impl Ranked {
    pub(crate) fn add(
        &mut self,
        metric: &'static str,
        batch: &EvalPrediction,
        scores: Scores,
    ) -> Result<()> {
        self.merge(Self::read(metric, batch, scores)?)
    }

    /// Puts the examples of another one behind those here.
    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        if other.labels.is_empty() {
            return Ok(());
        }
        if let (Some(here), Some(there)) = (self.form, other.form)
            && here != there
        {
            return Err(MetricError::Concatenate {
                expected: here.describe(),
                found: there.describe(),
            });
        }
        self.form = other.form;
        self.scores.extend(other.scores);
        self.labels.extend(other.labels);
        Ok(())
    }

    /// What a row has, where there is one.
    pub(crate) const fn form(&self) -> Option<RowForm> {
        self.form
    }

    /// Row by row: the scores, and the class or the labels.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[f64], &[usize])> {
        let (scores, labels) = match self.form {
            Some(RowForm::Classes(classes)) => (classes, 1),
            Some(RowForm::Labels(labels)) => (labels, labels),
            Some(RowForm::OneScore) | None => (1, 1),
        };
        zip(
            self.scores.chunks_exact(scores),
            self.labels.chunks_exact(labels),
        )
    }

    /// Whether the class or the labels of a row are positive for the scores of a column.
    pub(crate) fn is_positive(&self, labels: &[usize], column: usize) -> bool {
        match self.form {
            Some(RowForm::Labels(_)) => labels[column] == 1,
            _ => labels[0] == column,
        }
    }

    fn read(metric: &'static str, batch: &EvalPrediction, scores: Scores) -> Result<Self> {
        let (predictions, labels) = (batch.logits()?, batch.labels()?);
        if let (Layout::Same, Some(columns)) = (layout(batch)?, num_columns(labels.shape())) {
            let truth = zeros_and_ones(
                labels,
                "each score of a row goes with a label of 0 or 1; for one class a row, give labels of [rows]",
            )?;
            return Ok(Self {
                form: Some(RowForm::Labels(columns)),
                scores: predictions.values().collect(),
                labels: truth
                    .into_iter()
                    .map(|label| usize::from(label == 1))
                    .collect(),
            });
        }
        let scored = ScoredClasses::read(metric, batch)?;
        let (form, scored) = match (scored.width, scores) {
            (1, _) => (RowForm::OneScore, scored),
            (2, Scores::Logits) => (RowForm::OneScore, scored),
            (2, Scores::Probabilities) => (RowForm::OneScore, scored.probabilities(scores)?),
            (classes, _) => (RowForm::Classes(classes), scored.probabilities(scores)?),
        };
        let mut ranked = Self {
            form: Some(form),
            ..Self::default()
        };
        for (label, row) in scored.iter() {
            match (row, scores) {
                // Orders as the softmax does, and does not come to its limit of 1.
                ([first, second], Scores::Logits) => ranked.scores.push(second - first),
                ([_, second], Scores::Probabilities) => ranked.scores.push(*second),
                _ => ranked.scores.extend_from_slice(row),
            }
            ranked.labels.push(label);
        }
        Ok(ranked)
    }
}

impl RowForm {
    fn describe(self) -> String {
        match self {
            Self::OneScore => "one score, or two, a row with one label".to_owned(),
            Self::Classes(classes) => format!("{classes} scores a row with one label"),
            Self::Labels(labels) => format!("{labels} scores a row with {labels} labels"),
        }
    }
}

//! Predicted and true classes of a batch.

use std::iter::zip;

use crate::array::Array;
use crate::error::{MetricError, Result};
use crate::pairs::{Layout, highest, layout, num_columns};
use crate::prediction::EvalPrediction;

/// The label of what is not to be predicted, such as padding: `-100`, as in PyTorch.
pub const IGNORED_LABEL: i64 = -100;

/// Predicted and true class of every place of a batch that has a label, ignored ones included.
pub(crate) struct Classes {
    pairs: Vec<(i64, i64)>,
    per_row: usize,
    label_sets: bool,
}

impl Classes {
    /// Classes of a batch. With a threshold, predictions are one score for each label, and what is higher counts as 1.
    pub(crate) fn read(batch: &EvalPrediction, threshold: Option<f32>) -> Result<Self> {
        let layout = layout(batch)?;
        let (predictions, labels) = (batch.logits()?, batch.labels()?);
        let columns = num_columns(labels.shape());
        let (chosen, truth) = match (&layout, threshold) {
            (Layout::Scores(_), Some(_)) => {
                return Err(MetricError::OneForEach {
                    predictions: predictions.shape().to_vec(),
                    labels: labels.shape().to_vec(),
                });
            }
            (Layout::Same, Some(threshold)) => (
                above(predictions, threshold),
                zeros_and_ones(
                    labels,
                    "the metric has a threshold, so that each score goes with a label of 0 or 1; without one, labels are classes",
                )?,
            ),
            (Layout::Scores(count), None) => (
                highest(predictions, *count),
                whole_numbers("label", labels)?,
            ),
            (Layout::Same, None) => (
                whole_numbers("prediction", predictions)?,
                whole_numbers("label", labels)?,
            ),
        };
        let pairs: Vec<(i64, i64)> = zip(chosen, truth).collect();
        let sets = columns.is_some() && matches!(layout, Layout::Same);
        Ok(Self {
            per_row: pairs.len() / labels.num_rows().max(1),
            label_sets: sets
                && pairs
                    .iter()
                    .all(|(a, b)| (0..=1).contains(a) && (0..=1).contains(b)),
            pairs,
        })
    }

    /// Those whose label is not to be ignored.
    pub(crate) fn labelled(&self) -> impl Iterator<Item = (i64, i64)> {
        self.pairs.iter().copied().filter(is_labelled)
    }

    /// Row by row, ignored ones included; all rows are of one length.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[(i64, i64)]> {
        self.pairs.chunks(self.per_row.max(1))
    }

    /// Whether each row is a set of labels: several places a row, all of them 0 or 1.
    pub(crate) const fn are_label_sets(&self) -> bool {
        self.label_sets
    }
}

/// Whether the label of a predicted and a true class is not to be ignored.
pub(crate) const fn is_labelled((_, label): &(i64, i64)) -> bool {
    *label != IGNORED_LABEL
}

/// Labels of 0 and 1. In labels of one a row some may be ignored; where rows have several, none.
pub(crate) fn zeros_and_ones(labels: &Array, advice: &'static str) -> Result<Vec<i64>> {
    let columns = num_columns(labels.shape());
    let per_row = labels.len() / labels.num_rows().max(1);
    let read = |(position, value): (usize, f64)| {
        if value == 0.0 || value == 1.0 || (value == IGNORED_LABEL as f64 && columns.is_none()) {
            return Ok(value as i64);
        }
        Err(MetricError::NotZeroOrOne {
            row: position / per_row,
            column: columns.map(|_| position % per_row),
            value,
            advice,
        })
    };
    labels.values().enumerate().map(read).collect()
}

/// 1 for what is higher than the threshold, otherwise 0.
fn above(scores: &Array, threshold: f32) -> Vec<i64> {
    let threshold = f64::from(threshold);
    let scores = scores.values();
    scores.map(|score| i64::from(score > threshold)).collect()
}

/// The values of an array of classes, which may be stored as real numbers.
fn whole_numbers(what: &'static str, array: &Array) -> Result<Vec<i64>> {
    match array {
        Array::Int(array) => Ok(array.iter().copied().collect()),
        Array::Float(array) => array
            .iter()
            .enumerate()
            .map(|(position, value)| {
                if value.fract() == 0.0 {
                    return Ok(*value as i64);
                }
                Err(MetricError::NotAClass {
                    what,
                    position,
                    value: f64::from(*value),
                })
            })
            .collect(),
    }
}

//! Predictions next to their labels.

use std::iter::zip;

use crate::array::Array;
use crate::error::{MetricError, Result};
use crate::prediction::EvalPrediction;

/// How predictions and labels go together; the rule is told in the crate's documentation.
pub(crate) enum Layout {
    /// A prediction for each label.
    Same,
    /// So many scores for each label.
    Scores(usize),
}

/// Checks the shapes of a batch.
pub(crate) fn layout(batch: &EvalPrediction) -> Result<Layout> {
    let (predictions, labels) = (batch.logits()?, batch.labels()?);
    if predictions.num_rows() != labels.num_rows() {
        return Err(MetricError::Lengths {
            predictions: predictions.num_rows(),
            labels: labels.num_rows(),
        });
    }
    let (scores, expected) = (
        without_ones(predictions.shape()),
        without_ones(labels.shape()),
    );
    match scores.split_last() {
        _ if scores == expected => Ok(Layout::Same),
        Some((classes, rest)) if without_ones(rest) == expected && *classes > 0 => {
            Ok(Layout::Scores(*classes))
        }
        _ => Err(MetricError::Shapes {
            predictions: predictions.shape().to_vec(),
            labels: labels.shape().to_vec(),
        }),
    }
}

/// The number of labels of a row, where labels are `[rows, labels]` and there are several.
pub(crate) fn num_columns(labels: &[usize]) -> Option<usize> {
    match without_ones(labels) {
        [_, columns] => Some(*columns),
        _ => None,
    }
}

/// The shape without dimensions of size 1 at its end; the first dimension stays.
fn without_ones(mut shape: &[usize]) -> &[usize] {
    while let [rest @ .., 1] = shape
        && !rest.is_empty()
    {
        shape = rest;
    }
    shape
}

/// Predicted and true values of a regression.
pub(crate) fn values(batch: &EvalPrediction) -> Result<impl Iterator<Item = (f64, f64)>> {
    match layout(batch)? {
        Layout::Same => Ok(zip(batch.logits()?.values(), batch.labels()?.values())),
        Layout::Scores(_) => Err(MetricError::OneForEach {
            predictions: batch.logits()?.shape().to_vec(),
            labels: batch.labels()?.shape().to_vec(),
        }),
    }
}

/// The index of the highest score in each row of `classes` scores.
pub(crate) fn highest(scores: &Array, classes: usize) -> Vec<i64> {
    match scores {
        Array::Float(array) => {
            let scores: Vec<f32> = array.iter().copied().collect();
            rows_highest(&scores, classes, |new, old| {
                new > old || (new.is_nan() && !old.is_nan())
            })
        }
        Array::Int(array) => {
            let scores: Vec<i64> = array.iter().copied().collect();
            rows_highest(&scores, classes, |new, old| new > old)
        }
    }
}

fn rows_highest<T: Copy>(scores: &[T], classes: usize, higher: impl Fn(T, T) -> bool) -> Vec<i64> {
    scores
        .chunks_exact(classes)
        .map(|row| {
            let best = (1..row.len()).fold(
                0,
                |best, at| if higher(row[at], row[best]) { at } else { best },
            );
            best as i64
        })
        .collect()
}

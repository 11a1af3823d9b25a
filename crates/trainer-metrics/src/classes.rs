//! Predicted and true classes of a batch.

use std::iter::zip;

use crate::array::Array;
use crate::error::{MetricError, Result};
use crate::pairs::{Layout, highest, layout};
use crate::prediction::EvalPrediction;

/// The label of what is not to be predicted, such as padding: `-100`, as in PyTorch.
pub const IGNORED_LABEL: i64 = -100;

/// Predicted and true class of every example that has a label.
pub(crate) fn classes(batch: &EvalPrediction) -> Result<Vec<(i64, i64)>> {
    let layout = layout(batch)?;
    let labels = whole_numbers("label", batch.labels()?)?;
    let labelled = |(_, label): &(i64, i64)| *label != IGNORED_LABEL;
    if let Layout::Scores(count) = layout {
        let chosen = highest(batch.logits()?, count);
        return Ok(zip(chosen, labels).filter(labelled).collect());
    }
    let chosen = whole_numbers("prediction", batch.logits()?)?;
    Ok(zip(chosen, labels).filter(labelled).collect())
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

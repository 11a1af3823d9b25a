//! Scores of classes, and probabilities from them.

use crate::classes::{IGNORED_LABEL, zeros_and_ones};
use crate::error::{MetricError, Result};
use crate::pairs::{Layout, layout, num_columns};
use crate::prediction::EvalPrediction;

/// How far from 1 the probabilities of a row may sum up; those of half precision do within this.
const SUM_TOLERANCE: f64 = 1e-3;

/// What the scores of a model are, for metrics that need probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Scores {
    /// Logits, as models give them: probabilities are their softmax, or the sigmoid of one score a row.
    #[default]
    Logits,
    /// Probabilities from 0 to 1; those of several classes sum up to 1.
    Probabilities,
}

/// The scores of the classes of each labelled example of a batch.
pub(crate) struct ScoredClasses {
    /// Scores of one example; 1 stands for two classes.
    pub(crate) width: usize,
    scores: Vec<f64>,
    examples: Vec<Example>,
}

/// A labelled example.
struct Example {
    row: usize,
    label: usize,
}

impl ScoredClasses {
    /// Predictions of `[…, classes]` with classes as labels, or one score for each label of 0 and 1.
    pub(crate) fn read(metric: &'static str, batch: &EvalPrediction) -> Result<Self> {
        let (predictions, labels) = (batch.logits()?, batch.labels()?);
        let width = match layout(batch)? {
            Layout::Scores(classes) => classes,
            Layout::Same => 1,
        };
        if let (1, Some(labels)) = (width, num_columns(labels.shape())) {
            return Err(MetricError::SeveralLabels { metric, labels });
        }
        let truth = if width == 1 {
            zeros_and_ones(
                labels,
                "one score a row is that of class 1 of two; number the classes 0 and 1, or give the scores of all classes, \
                 [rows, classes]",
            )?
        } else {
            labels_below(width, batch)?
        };
        let per_row = truth.len() / labels.num_rows().max(1);
        let mut scored = Self {
            width,
            scores: Vec::new(),
            examples: Vec::new(),
        };
        let scores: Vec<f64> = predictions.values().collect();
        for (at, (label, scores)) in truth
            .into_iter()
            .zip(scores.chunks_exact(width))
            .enumerate()
        {
            if let Ok(label) = usize::try_from(label) {
                scored.scores.extend_from_slice(scores);
                scored.examples.push(Example {
                    row: at / per_row,
                    label,
                });
            }
        }
        Ok(scored)
    }

    /// Class and scores of each example.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let labels = self.examples.iter().map(|example| example.label);
        labels.zip(self.scores.chunks_exact(self.width))
    }

    /// With probabilities in the place of scores; those of two classes where there was one score.
    pub(crate) fn probabilities(mut self, scores: Scores) -> Result<Self> {
        if self.width == 1 {
            let pair = |score: &f64| match scores {
                Scores::Logits => [sigmoid(-score), sigmoid(*score)],
                Scores::Probabilities => [1.0 - score, *score],
            };
            self.scores = self.scores.iter().flat_map(pair).collect();
            self.width = 2;
        } else if scores == Scores::Logits {
            self.scores.chunks_exact_mut(self.width).for_each(softmax);
        }
        if scores == Scores::Probabilities {
            self.check()?;
        }
        Ok(self)
    }

    /// Every row is probabilities that sum up to 1. NaN passes, and makes the value NaN.
    fn check(&self) -> Result<()> {
        for (example, row) in self
            .examples
            .iter()
            .zip(self.scores.chunks_exact(self.width))
        {
            let row_number = example.row;
            if let Some(value) = row.iter().find(|value| **value < 0.0 || **value > 1.0) {
                return Err(MetricError::NotAProbability {
                    row: row_number,
                    value: *value,
                });
            }
            let sum: f64 = row.iter().sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(MetricError::ProbabilitySum {
                    row: row_number,
                    sum,
                });
            }
        }
        Ok(())
    }
}

/// Labels from 0 to below `classes`, or ignored ones.
fn labels_below(classes: usize, batch: &EvalPrediction) -> Result<Vec<i64>> {
    let labels = batch.labels()?;
    let per_row = labels.len() / labels.num_rows().max(1);
    let read = |(at, value): (usize, f64)| {
        let is_class = value.fract() == 0.0 && value >= 0.0 && value < classes as f64;
        if is_class || value == IGNORED_LABEL as f64 {
            return Ok(value as i64);
        }
        Err(MetricError::NotAmongClasses {
            row: at / per_row,
            label: value,
            classes,
        })
    };
    labels.values().enumerate().map(read).collect()
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// Puts the softmax of a row in its place.
fn softmax(row: &mut [f64]) {
    let highest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    row.iter_mut()
        .for_each(|score| *score = (*score - highest).exp());
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|score| *score /= sum);
}

//! Areas under ROC curves, and their averages.

use std::cmp::Ordering;
use std::iter::zip;

use crate::average::Average;
use crate::error::Result;
use crate::mean::weighted_mean;
use crate::ranked::Ranked;

impl Ranked {
    /// The area under the one curve of class 1.
    pub(crate) fn area(&self) -> f64 {
        let rows = self.rows();
        area_under_roc(rows.map(|(scores, labels)| (scores[0], labels[0] == 1)))
    }

    /// The average over so many classes or labels, each against the rest.
    pub(crate) fn area_over_columns(
        &self,
        metric: &'static str,
        average: Average,
        columns: usize,
    ) -> Result<f64> {
        let column = |column: usize| {
            let rows = self.rows();
            rows.map(move |(scores, labels)| (scores[column], self.is_positive(labels, column)))
        };
        let area = |at: usize| area_under_roc(column(at));
        let positives = |at: usize| column(at).filter(|(_, positive)| *positive).count() as u64;
        match average {
            Average::Micro => Ok(area_under_roc((0..columns).flat_map(column))),
            Average::Macro => {
                let areas = (0..columns).map(|at| (area(at), 1));
                Ok(weighted_mean(areas, f64::NAN))
            }
            Average::Weighted => {
                let areas = (0..columns).map(|at| (area(at), positives(at)));
                Ok(weighted_mean(areas, 0.0))
            }
            other => Err(other.unsuitable(metric, "the ROC AUC of several classes or labels")),
        }
    }

    /// The mean over the rows of several labels.
    pub(crate) fn area_over_rows(&self) -> f64 {
        let areas = self.rows().map(|(scores, labels)| {
            let truth = labels.iter().map(|label| *label == 1);
            (area_under_roc(zip(scores.iter().copied(), truth)), 1)
        });
        weighted_mean(areas, f64::NAN)
    }

    /// Each class against each other one ([Hand and Till 2001](https://doi.org/10.1023/A:1010920819831)).
    pub(crate) fn area_over_pairs(
        &self,
        metric: &'static str,
        average: Average,
        classes: usize,
    ) -> Result<f64> {
        let mut by_class = vec![Vec::new(); classes];
        for (scores, labels) in self.rows() {
            by_class[labels[0]].push(scores);
        }
        let against = |class: usize, other: usize| {
            let of = |at: usize| {
                by_class[at]
                    .iter()
                    .map(move |row| (row[class], at == class))
            };
            area_under_roc(of(class).chain(of(other)))
        };
        let seen: Vec<usize> = (0..classes)
            .filter(|at| !by_class[*at].is_empty())
            .collect();
        let pairs = seen.iter().enumerate().flat_map(|(at, class)| {
            let others = seen[at + 1..].iter();
            others.map(|other| (*class, *other))
        });
        let areas = pairs.map(|(class, other)| {
            let area = f64::midpoint(against(class, other), against(other, class));
            (area, (by_class[class].len() + by_class[other].len()) as u64)
        });
        match average {
            Average::Macro => Ok(weighted_mean(areas.map(|(area, _)| (area, 1)), f64::NAN)),
            Average::Weighted => Ok(weighted_mean(areas, f64::NAN)),
            other => Err(other.unsuitable(metric, "the ROC AUC of one class against one other")),
        }
    }
}

/// The area under the curve of true against false positives, from 0 to 1: the part of the pairs of a positive and a negative
/// example in which the positive one has the higher score; equal scores count half. NaN where the examples are all of one
/// kind or a score is NaN.
fn area_under_roc(examples: impl Iterator<Item = (f64, bool)>) -> f64 {
    let mut examples: Vec<(f64, bool)> = examples.collect();
    if examples.iter().any(|(score, _)| score.is_nan()) {
        return f64::NAN;
    }
    let ascending = |(score, _): &(f64, bool), (other, _): &(f64, bool)| {
        score.partial_cmp(other).unwrap_or(Ordering::Equal)
    };
    examples.sort_unstable_by(ascending);
    let (mut negatives, mut positives, mut twice) = (0_u128, 0_u128, 0_u128);
    for equal in examples.chunk_by(|(score, _), (other, _)| score == other) {
        let here = equal.iter().filter(|(_, positive)| *positive).count() as u128;
        let others = equal.len() as u128 - here;
        twice += here * (2 * negatives + others);
        positives += here;
        negatives += others;
    }
    if positives == 0 || negatives == 0 {
        return f64::NAN;
    }
    twice as f64 / (2 * positives * negatives) as f64
}

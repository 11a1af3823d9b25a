//! Spans of one window that may be the answer.

use std::cmp::Ordering;

use super::options::AnswerOptions;

/// A part of the text with its scores. "No answer" is the empty one at the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Begin and end, in characters.
    pub(super) offsets: (usize, usize),
    pub(super) start_logit: f32,
    pub(super) end_logit: f32,
    pub(super) score: f32,
}

impl Candidate {
    fn new(offsets: (usize, usize), start_logit: f32, end_logit: f32) -> Self {
        Self {
            offsets,
            start_logit,
            end_logit,
            score: start_logit + end_logit,
        }
    }
}

/// The scores of a window's tokens, and where these stand.
pub(super) struct Scores<'s> {
    pub(super) start: &'s [f32],
    pub(super) end: &'s [f32],
    pub(super) offsets: &'s [Option<(usize, usize)>],
}

impl Scores<'_> {
    /// "No answer", by the scores of the first token; `None` where there is no token.
    pub(super) fn no_answer(&self) -> Option<Candidate> {
        let (&start, &end) = (self.start.first()?, self.end.first()?);
        Some(Candidate::new((0, 0), start, end))
    }

    /// The spans between the best beginnings and the best ends, beginnings first.
    pub(super) fn candidates(&self, options: &AnswerOptions, into: &mut Vec<Candidate>) {
        let offsets = |at: usize| self.offsets.get(at).copied().flatten();
        let ends = best(self.end, options.n_best_size);
        for start in best(self.start, options.n_best_size) {
            let Some((begin, _)) = offsets(start) else {
                continue;
            };
            let latest = start.saturating_add(options.max_answer_length);
            for &end in ends.iter().filter(|end| (start..latest).contains(end)) {
                if let Some((_, close)) = offsets(end) {
                    let span = (begin, close);
                    into.push(Candidate::new(span, self.start[start], self.end[end]));
                }
            }
        }
    }
}

/// The places of the `most` highest scores, the highest first; of equal ones the last, as numpy's sorted places read backwards.
fn best(scores: &[f32], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| order_of(scores[b], scores[a]).then(b.cmp(&a)));
    order.truncate(most);
    order
}

/// Numbers as numpy sorts them: NaN last, zeros equal.
pub(super) fn order_of(a: f32, b: f32) -> Ordering {
    let key = |score: f32| match score.is_nan() {
        true => f32::NAN,
        false => score + 0.0,
    };
    key(a).total_cmp(&key(b))
}

//! From the scores of one window's tokens to parts of the text, as Python's pipeline chooses them.

use std::cmp::Ordering;

use trainer_tokenize::Encoding;

use super::characters::Characters;
use super::question_answering::AnswerSpan;

/// How parts are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    /// How many parts of a window are looked at.
    pub(super) most: usize,
    /// The most tokens of a part.
    pub(super) longest: usize,
    pub(super) align_to_words: bool,
}

/// A window and the scores of its tokens.
pub(super) struct ScoredWindow<'w> {
    pub(super) encoding: &'w Encoding,
    pub(super) start: &'w [f32],
    pub(super) end: &'w [f32],
    /// Which of the pair the text is.
    pub(super) context: usize,
    /// The tokens that may stand for "no answer", by their id.
    pub(super) no_answer: Option<u32>,
}

/// A part of a text: its first and its last token, and the product of their probabilities.
struct Span {
    start: usize,
    end: usize,
    score: f32,
}

impl ScoredWindow<'_> {
    /// Adds the best parts to `answers`; one that reads as another, but for capitals, adds its score to that. Gives the score of "no
    /// answer", that of the first token.
    pub(super) fn answers(
        &self,
        text: &Characters<'_>,
        choice: Choice,
        answers: &mut Vec<AnswerSpan>,
    ) -> f64 {
        let sequences = self.encoding.sequence_ids();
        let is_context = |at: usize| sequences[at] == Some(self.context);
        let is_no_answer = |at: usize| Some(self.encoding.ids()[at]) == self.no_answer;
        let counts = |at: usize| is_context(at) || is_no_answer(at);
        let start = probabilities(self.start, counts);
        let end = probabilities(self.end, counts);
        let no_answer = match (start.first(), end.first()) {
            (Some(start), Some(end)) => start * end,
            _ => 0.0,
        };
        for span in best_spans(&start, &end, choice, counts) {
            let (begin, close) = self.place(&span, choice.align_to_words);
            let found = text.between(begin, close);
            let lower = found.to_lowercase();
            let score = f64::from(span.score);
            match answers
                .iter_mut()
                .find(|one| one.answer.to_lowercase() == lower)
            {
                Some(same) => same.score += score,
                None => answers.push(AnswerSpan {
                    score,
                    start: begin,
                    end: close,
                    answer: found.to_owned(),
                }),
            }
        }
        f64::from(no_answer)
    }

    /// Where the part stands in the text, in characters; with whole words where both its ends are in one.
    fn place(&self, span: &Span, align_to_words: bool) -> (usize, usize) {
        let offsets = self.encoding.offsets();
        let words = (self.word(span.start), self.word(span.end));
        match words {
            (Some((first, _)), Some((_, last))) if align_to_words => {
                (offsets[first].0, offsets[last].1)
            }
            _ => (offsets[span.start].0, offsets[span.end].1),
        }
    }

    /// The first and the last token of the text's word that token `at` is of, in this window.
    fn word(&self, at: usize) -> Option<(usize, usize)> {
        let sequences = self.encoding.sequence_ids();
        let words = self.encoding.word_ids();
        let word = words[at]?;
        let is_of_it =
            |at: &usize| words[*at] == Some(word) && sequences[*at] == Some(self.context);
        let first = (0..words.len()).find(is_of_it)?;
        let last = (0..words.len()).rev().find(is_of_it)?;
        Some((first, last))
    }
}

/// The softmax over the tokens that count, in 32 bits; the others have a share as small as there is.
fn probabilities(scores: &[f32], counts: impl Fn(usize) -> bool) -> Vec<f32> {
    let score = |(at, &score): (usize, &f32)| if counts(at) { score } else { -10_000.0 };
    let scores: Vec<f32> = scores.iter().enumerate().map(score).collect();
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
    let sum: f32 = shares.iter().sum();
    shares.into_iter().map(|share| share / sum).collect()
}

/// The spans of the highest scores above 0, the highest first, those of tokens that do not count left out.
fn best_spans(
    start: &[f32],
    end: &[f32],
    choice: Choice,
    counts: impl Fn(usize) -> bool,
) -> Vec<Span> {
    let mut spans = Vec::new();
    // The first token stands for "no answer".
    for (begin, first) in start.iter().enumerate().skip(1) {
        let ends = end.iter().enumerate().skip(begin).take(choice.longest);
        spans.extend(ends.map(|(close, last)| Span {
            start: begin,
            end: close,
            score: first * last,
        }));
    }
    spans.retain(|span| span.score > 0.0);
    let higher = |a: &Span, b: &Span| match b.score.partial_cmp(&a.score) {
        Some(order) => order.then((a.start, a.end).cmp(&(b.start, b.end))),
        None => Ordering::Equal,
    };
    if spans.len() > choice.most && choice.most > 0 {
        spans.select_nth_unstable_by(choice.most - 1, higher);
    }
    spans.truncate(choice.most);
    spans.sort_by(higher);
    spans.retain(|span| counts(span.start) && counts(span.end));
    spans
}

//! From the scores of tokens to words and groups of them, as `TokenClassificationPipeline` of transformers 5.23 has it.

use trainer_tokenize::{Encoding, Tokenizer};

use super::characters::Characters;
use super::token_classification::{EntityGroup, TokenEntity};

/// How tokens become words, and words groups: Python's `aggregation_strategy`, but for `"none"`, which is
/// [`TokenClassifier::classify`](super::TokenClassifier::classify).
///
/// Words beside each other that have one kind of entity become a group, which ends where a label begins with `B-`. What a token is to a
/// word is known where the vocabulary marks tokens that go on with one (BERT's `##`); elsewhere, as in Python, a word is what has no
/// space in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AggregationStrategy {
    /// Each token is a word: parts of a word may be of several groups.
    Simple,
    /// A word has the label of its first token.
    First,
    /// A word has the label whose scores are the highest on the average over its tokens.
    Average,
    /// A word has the label of its token with the highest score.
    Max,
}

/// A token of a text.
pub(super) struct Token<'s> {
    word: String,
    /// A score for each label.
    scores: &'s [f32],
    /// Its number in the window.
    index: usize,
    start: usize,
    end: usize,
    is_subword: bool,
}

/// A token or a word with its label.
struct Labelled {
    label: usize,
    score: f32,
    word: String,
    start: usize,
    end: usize,
}

/// The tokens of a window that are of the text, with the scores that the model gives them. `word_begins` is where words begin in a text
/// that was parted into them.
pub(super) fn tokens<'s>(
    tokenizer: &Tokenizer,
    encoding: &Encoding,
    scores: &'s [f32],
    text: &Characters<'_>,
    word_begins: Option<&[usize]>,
) -> Vec<Token<'s>> {
    let labels = (scores.len() / encoding.len().max(1)).max(1);
    let marks_subwords = tokenizer.continuing_subword_prefix().is_some();
    let unknown = tokenizer.unk_token_id();
    let token = |(index, scores): (usize, &'s [f32])| {
        let (mut start, mut end) = encoding.offsets()[index];
        if let (Some(begins), Some(word)) = (word_begins, encoding.word_ids()[index]) {
            let begin = begins.get(word as usize).copied().unwrap_or(0);
            (start, end) = (start + begin, end + begin);
        }
        let of_text = text.between(start, end);
        let token = &encoding.tokens()[index];
        let (word, is_subword) = if Some(encoding.ids()[index]) == unknown {
            (of_text, false)
        } else if marks_subwords {
            (
                token.as_str(),
                token.chars().count() != of_text.chars().count(),
            )
        } else {
            let around = text.between(start.saturating_sub(1), start + 1);
            (token.as_str(), start > 0 && !around.contains(' '))
        };
        Token {
            word: word.to_owned(),
            scores,
            index,
            start,
            end,
            is_subword,
        }
    };
    let is_added = encoding.special_tokens_mask();
    let all = scores.chunks(labels).enumerate();
    all.filter(|(index, _)| is_added[*index] == 0)
        .map(token)
        .collect()
}

/// Each token with its label.
pub(super) fn entities(tokens: Vec<Token<'_>>, labels: &[String]) -> Vec<TokenEntity> {
    let entity = |token: Token<'_>| {
        let (label, score) = highest(token.scores);
        TokenEntity {
            entity: labels[label].clone(),
            score,
            index: token.index,
            word: token.word,
            start: token.start,
            end: token.end,
        }
    };
    tokens.into_iter().map(entity).collect()
}

/// The groups of a window's tokens, those of labels such as `O` too.
pub(super) fn groups(
    tokenizer: &Tokenizer,
    tokens: Vec<Token<'_>>,
    strategy: AggregationStrategy,
    labels: &[String],
) -> trainer_tokenize::Result<Vec<EntityGroup>> {
    let words = words(tokenizer, tokens, strategy)?;
    let goes_on = |last: &Labelled, next: &Labelled| {
        let (begins, kind) = tag(&labels[next.label]);
        !begins && kind == tag(&labels[last.label]).1
    };
    let mut groups = Vec::new();
    for words in words.chunk_by(goes_on) {
        let ([first, .., last] | [first @ last]) = words else {
            continue;
        };
        let name = labels[first.label].as_str();
        let name = name.split_once('-').map_or(name, |(_, kind)| kind);
        let spelled = words.iter().map(|word| word.word.clone()).collect();
        groups.push(EntityGroup {
            entity_group: name.to_owned(),
            score: words.iter().map(|word| word.score).sum::<f32>() / words.len() as f32,
            word: tokenizer.convert_tokens_to_string(spelled)?,
            start: first.start,
            end: last.end,
        });
    }
    Ok(groups)
}

/// Whether a label begins an entity, and of which kind that is.
fn tag(label: &str) -> (bool, &str) {
    match label.strip_prefix("B-") {
        Some(kind) => (true, kind),
        None => (false, label.strip_prefix("I-").unwrap_or(label)),
    }
}

/// The words of a window's tokens.
fn words(
    tokenizer: &Tokenizer,
    tokens: Vec<Token<'_>>,
    strategy: AggregationStrategy,
) -> trainer_tokenize::Result<Vec<Labelled>> {
    let goes_on = |_: &Token<'_>, next: &Token<'_>| {
        strategy != AggregationStrategy::Simple && next.is_subword
    };
    let mut words = Vec::new();
    for tokens in tokens.chunk_by(goes_on) {
        let ([first, .., last] | [first @ last]) = tokens else {
            continue;
        };
        let (label, score) = match strategy {
            AggregationStrategy::Simple | AggregationStrategy::First => highest(first.scores),
            AggregationStrategy::Max => {
                let all = tokens.iter().map(|token| highest(token.scores));
                let higher = |best: (usize, f32), one: (usize, f32)| match one.1 > best.1 {
                    true => one,
                    false => best,
                };
                all.reduce(higher).unwrap_or_default()
            }
            AggregationStrategy::Average => {
                let mean = |label: usize| {
                    let scores = tokens.iter().map(|token| token.scores[label]);
                    scores.sum::<f32>() / tokens.len() as f32
                };
                let means: Vec<f32> = (0..first.scores.len()).map(mean).collect();
                highest(&means)
            }
        };
        let spelled = || tokens.iter().map(|token| token.word.clone()).collect();
        words.push(Labelled {
            label,
            score,
            word: match strategy {
                AggregationStrategy::Simple => first.word.clone(),
                _ => tokenizer.convert_tokens_to_string(spelled())?,
            },
            start: first.start,
            end: last.end,
        });
    }
    Ok(words)
}

/// The number of the highest score, of equal ones the first, and the score.
fn highest(scores: &[f32]) -> (usize, f32) {
    let higher = |best: (usize, f32), (at, &score): (usize, &f32)| match score > best.1 {
        true => (at, score),
        false => best,
    };
    let first = scores.first().copied().unwrap_or(0.0);
    scores.iter().enumerate().fold((0, first), higher)
}

/// Of groups of several windows that overlap the longer one, of equally long ones that with the higher score.
pub(super) fn without_overlaps(mut groups: Vec<EntityGroup>) -> Vec<EntityGroup> {
    groups.sort_by_key(|group| group.start);
    let mut kept: Vec<EntityGroup> = Vec::with_capacity(groups.len());
    for group in groups {
        match kept.last_mut() {
            Some(last) if (last.start..last.end).contains(&group.start) => {
                let (length, score) = (group.end - group.start, group.score);
                let other = last.end - last.start;
                if length > other || length == other && score > last.score {
                    *last = group;
                }
            }
            _ => kept.push(group),
        }
    }
    kept
}

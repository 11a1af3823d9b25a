use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use trainer_models::{AutoModelForTokenClassification, PretrainedModel};
use trainer_tokenize::{EncodeOptions, Encoding};

use super::characters::Characters;
use super::entities::{self, AggregationStrategy, Token};
use super::loading::{Head, ModelKind};
use super::runner::Runner;
use super::sentence::Sentence;
use super::windows::Windows;
use super::{FunctionToApply, PipelineError, PipelineOptions, outputs};
use crate::Result;

/// What a classifier says of a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenEntity {
    /// The label's name, such as `B-PER`.
    pub entity: String,
    /// Its probability, in `0.0..=1.0`.
    pub score: f32,
    /// The number of the token in its text, special ones counted.
    pub index: usize,
    /// The token as the vocabulary spells it; what stands in the text where the vocabulary does not have it.
    pub word: String,
    /// Where it begins in the text, in characters.
    pub start: usize,
    /// Where it ends, in characters.
    pub end: usize,
}

/// Words beside each other of one kind of entity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntityGroup {
    /// The kind of entity, such as `PER`.
    pub entity_group: String,
    /// The mean of the words' scores, in `0.0..=1.0`.
    pub score: f32,
    /// The words, put together of their tokens; what stands in the text is between `start` and `end`.
    pub word: String,
    /// Where it begins in the text, in characters.
    pub start: usize,
    /// Where it ends, in characters.
    pub end: usize,
}

impl fmt::Display for TokenEntity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end, score) = (self.start, self.end, self.score);
        write!(
            f,
            "{} {} ({start}..{end}) {score:.4}",
            self.entity, self.word
        )
    }
}

impl fmt::Display for EntityGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end, score) = (self.start, self.end, self.score);
        let name = &self.entity_group;
        write!(f, "{name} {} ({start}..{end}) {score:.4}", self.word)
    }
}

/// Texts in, labels of their tokens or groups of words out: Hugging Face's `pipeline("token-classification")`.
///
/// Labels, words, places and, to rounding, scores are those of Python's pipeline on the same folder.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// # fn main() -> trainer::Result<()> {
/// let classifier = TokenClassifier::from_pretrained("my-model")?;
/// let texts = ["Ada Lovelace lived in London."];
/// for group in &classifier.classify_groups(texts, AggregationStrategy::First)?[0] {
///     println!("{} is a {}", group.word, group.entity_group);
/// }
/// let of_words = classifier.classify([["Ada", "Lovelace"]])?;
/// println!("{:?}", of_words[0]);
/// # Ok(())
/// # }
/// ```
///
/// Threads share one, as they share a [`TextClassifier`](super::TextClassifier).
#[derive(Debug)]
pub struct TokenClassifier {
    runner: Runner,
    labels: Vec<String>,
    ignore_labels: Vec<String>,
    stride: Option<usize>,
    delimiter: String,
}

const MODELS: ModelKind<PretrainedModel> = ModelKind {
    task: "token classification",
    head: Head::Trained("ForTokenClassification"),
    load: AutoModelForTokenClassification::from_pretrained_with_report,
};

impl TokenClassifier {
    /// Loads tokenizer and model of the folder `name_or_path`, or else of the hub's model of that name, as a training saves them.
    ///
    /// # Errors
    /// When there is no such model, it has no tokenizer, no weights or no head for token classification, a file is broken, or the
    /// device has no room.
    pub fn from_pretrained(name_or_path: &str) -> Result<Self> {
        Self::from_pretrained_with(name_or_path, &PipelineOptions::new())
    }

    /// As [`from_pretrained`](Self::from_pretrained), with other batches, another device, another length.
    ///
    /// # Errors
    /// As `from_pretrained`.
    pub fn from_pretrained_with(name_or_path: &str, options: &PipelineOptions) -> Result<Self> {
        let (runner, config) = MODELS.load(name_or_path, options)?;
        Ok(Self {
            runner,
            labels: config.id2label().into_values().collect(),
            ignore_labels: vec!["O".to_owned()],
            stride: None,
            delimiter: " ".to_owned(),
        })
    }

    /// The labels of tokens, or kinds of groups, that are left out: `O` where this is not called.
    #[must_use]
    pub fn ignore_labels<S: Into<String>>(mut self, labels: impl IntoIterator<Item = S>) -> Self {
        self.ignore_labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Has texts that are too long read in windows, each with this many tokens in common with the one before, instead of being cut. Of
    /// groups that overlap the longest is kept. For [`classify_groups`](Self::classify_groups) alone.
    #[must_use]
    pub fn stride(mut self, tokens: usize) -> Self {
        self.stride = Some(tokens);
        self
    }

    /// What stands between the words of a text that is given in words, by which places are counted: a space where this is not called.
    #[must_use]
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.delimiter = delimiter.into();
        self
    }

    /// The names of the labels, in the order of the model's outputs.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The label with the highest score for each token of each text, but for the [ignored](Self::ignore_labels) ones: Python's
    /// `aggregation_strategy="none"`.
    ///
    /// # Errors
    /// When a text cannot be used (see [`PipelineError`]; the error has its number), a [`stride`](Self::stride) is set, or memory is
    /// full. Then there is no answer for any of them.
    pub fn classify<'t, T: Into<Sentence<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Vec<TokenEntity>>> {
        if self.stride.is_some() {
            return Err(PipelineError::StrideOfTokens.into());
        }
        let mut answers = Vec::new();
        self.each(texts, |_, windows| {
            let tokens = windows.into_iter().flatten().collect();
            let mut entities = entities::entities(tokens, &self.labels);
            entities.retain(|one| !self.ignore_labels.contains(&one.entity));
            answers.push(entities);
            Ok(())
        })?;
        Ok(answers)
    }

    /// The groups of words in each text that are of one kind of entity, but for the [ignored](Self::ignore_labels) kinds.
    ///
    /// # Errors
    /// When a text cannot be used (see [`PipelineError`]; the error has its number), the [`stride`](Self::stride) is as long as a window,
    /// or memory is full. Then there is no answer for any of them.
    pub fn classify_groups<'t, T: Into<Sentence<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
        strategy: AggregationStrategy,
    ) -> Result<Vec<Vec<EntityGroup>>> {
        let mut answers = Vec::new();
        self.each(texts, |text, windows| {
            let (several, mut all) = (windows.len() > 1, Vec::new());
            for tokens in windows {
                let groups =
                    entities::groups(self.runner.tokenizer(), tokens, strategy, &self.labels);
                all.extend(groups.map_err(|source| PipelineError::Encode { text, source })?);
            }
            all.retain(|group| !self.ignore_labels.contains(&group.entity_group));
            answers.push(match several {
                true => entities::without_overlaps(all),
                false => all,
            });
            Ok(())
        })?;
        Ok(answers)
    }

    /// Hands over each text's number and the tokens of its windows, with their scores.
    fn each<'t, T: Into<Sentence<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
        mut take: impl FnMut(usize, Vec<Vec<Token<'_>>>) -> Result<()>,
    ) -> Result<()> {
        let sentences: Vec<Sentence<'t>> = texts.into_iter().map(Into::into).collect();
        let at_once = self.runner.texts_at_once();
        for (chunk, some) in sentences.chunks(at_once).enumerate() {
            let first = chunk * at_once;
            let mut windows = Windows::new(first);
            for (number, sentence) in (first..).zip(some) {
                windows.push(self.windows(number, sentence)?);
            }
            let scores = self.scores(&windows)?;
            for ((number, sentence), own) in (first..).zip(some).zip(windows.of_texts()) {
                let text: Cow<'_, str> = sentence.text(&self.delimiter);
                let characters = Characters::new(&text);
                let begins = sentence.word_begins(&self.delimiter);
                let tokens = own.map(|at| {
                    let (encoding, scores) = (&windows.encodings()[at], &scores[at]);
                    let tokenizer = self.runner.tokenizer();
                    entities::tokens(tokenizer, encoding, scores, &characters, begins.as_deref())
                });
                take(number, tokens.collect())?;
            }
        }
        Ok(())
    }

    /// The windows over a text: one, where no stride is set.
    fn windows(&self, number: usize, sentence: &Sentence<'_>) -> Result<Vec<Encoding>> {
        let (tokens, tokenizer) = (self.runner.tokens(), self.runner.tokenizer());
        let Some(stride) = self.stride else {
            let encode = |options: &EncodeOptions| match sentence {
                Sentence::Text(text) => tokenizer.encode_with(text, None, options),
                Sentence::Words(words) => tokenizer.encode_words(words, options),
            };
            return Ok(vec![tokens.encode_by(number, encode)?]);
        };
        let encode = |options: &EncodeOptions| match sentence {
            Sentence::Text(text) => tokenizer.encode_windows(text, None, options),
            Sentence::Words(words) => tokenizer.encode_word_windows(words, options),
        };
        Ok(tokens.windows_by(number, stride, encode)?)
    }

    /// The probabilities of each window's tokens, a number for each label, token by token.
    fn scores(&self, windows: &Windows) -> Result<Vec<Vec<f32>>> {
        let mut scores = vec![Vec::new(); windows.encodings().len()];
        let side = self.runner.tokenizer().padding_side();
        let labels = self.labels.len();
        self.runner
            .run_encoded(windows.encodings(), |numbers, output| {
                let lengths = windows.lengths(numbers);
                let rows = outputs::unpadded(output.logits()?, &lengths, &[labels], side)?;
                for (&at, mut row) in numbers.iter().zip(rows) {
                    row.chunks_mut(labels.max(1))
                        .for_each(|token| FunctionToApply::Softmax.apply(token));
                    if let Some(broken) = row.iter().position(|score| score.is_nan()) {
                        return Err(PipelineError::NotANumber {
                            text: windows.text(at),
                            label: self.labels[broken % labels].clone(),
                        }
                        .into());
                    }
                    scores[at] = row;
                }
                Ok(())
            })?;
        Ok(scores)
    }
}

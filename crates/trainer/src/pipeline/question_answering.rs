use std::fmt;

use serde::Serialize;
use trainer_models::{AutoModelForQuestionAnswering, PretrainedModel};
use trainer_tokenize::{EncodeOptions, Encoding, Side, Truncation};

use super::answer_spans::{Choice, ScoredWindow};
use super::characters::Characters;
use super::loading::{Head, ModelKind};
use super::runner::Runner;
use super::windows::Windows;
use super::{PipelineError, PipelineOptions, outputs};
use crate::Result;

/// A part of a text that answers a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnswerSpan {
    /// How sure the model is: the product of the probabilities that the answer begins and ends where it does, summed over all places
    /// where it stands.
    pub score: f64,
    /// Where it begins in the text, in characters.
    pub start: usize,
    /// Where it ends, in characters.
    pub end: usize,
    /// The answer; empty for "no answer".
    pub answer: String,
}

impl fmt::Display for AnswerSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            score,
            start,
            end,
            answer,
        } = self;
        write!(f, "{answer} ({start}..{end}) {score:.4}")
    }
}

/// Questions and texts in, answers out: Hugging Face's `pipeline("question-answering")`, which transformers has up to its version 4.
///
/// Answers and, to rounding, scores are those of Python's pipeline on the same folder.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// # fn main() -> trainer::Result<()> {
/// let answerer = QuestionAnswerer::from_pretrained("my-model")?.doc_stride(64);
/// let text = "The Danube rises in the Black Forest.";
/// for answer in answerer.answer([("Where does it rise?", text), ("What rises?", text)])? {
///     println!("{} ({:.4})", answer.answer, answer.score);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Threads share one, as they share a [`TextClassifier`](super::TextClassifier).
#[derive(Debug)]
pub struct QuestionAnswerer {
    runner: Runner,
    doc_stride: Option<usize>,
    max_answer_len: usize,
    max_seq_len: usize,
    max_question_len: Option<usize>,
    handle_impossible_answer: bool,
    align_to_words: bool,
}

const MODELS: ModelKind<PretrainedModel> = ModelKind {
    task: "question answering",
    head: Head::Trained("ForQuestionAnswering"),
    load: AutoModelForQuestionAnswering::from_pretrained_with_report,
};

impl QuestionAnswerer {
    /// Loads tokenizer and model of the folder `name_or_path`, or else of the hub's model of that name, as a training saves them.
    ///
    /// # Errors
    /// When there is no such model, it has no tokenizer, no weights or no head for question answering, a file is broken, or the
    /// device has no room.
    pub fn from_pretrained(name_or_path: &str) -> Result<Self> {
        Self::from_pretrained_with(name_or_path, &PipelineOptions::new())
    }

    /// As [`from_pretrained`](Self::from_pretrained), with other batches or another device. Of the options those of truncation say
    /// nothing: a text that is too long is read in windows.
    ///
    /// # Errors
    /// As `from_pretrained`.
    pub fn from_pretrained_with(name_or_path: &str, options: &PipelineOptions) -> Result<Self> {
        let (runner, _) = MODELS.load(name_or_path, options)?;
        Ok(Self {
            runner,
            doc_stride: None,
            max_answer_len: 15,
            max_seq_len: 384,
            max_question_len: None,
            handle_impossible_answer: false,
            align_to_words: true,
        })
    }

    /// How many tokens of a text that is too long two windows that follow each other have in common: half a window, at most 128, where
    /// this is not called.
    #[must_use]
    pub fn doc_stride(mut self, tokens: usize) -> Self {
        self.doc_stride = Some(tokens);
        self
    }

    /// The most tokens of an answer, at least 1: 15 where this is not called.
    #[must_use]
    pub fn max_answer_len(mut self, tokens: usize) -> Self {
        self.max_answer_len = tokens;
        self
    }

    /// The most tokens of a window, question and special ones included: 384 where this is not called, and no more than tokenizer and
    /// model take.
    #[must_use]
    pub fn max_seq_len(mut self, tokens: usize) -> Self {
        self.max_seq_len = tokens;
        self
    }

    /// The most tokens of a question that are read. All are where this is not called.
    #[must_use]
    pub fn max_question_len(mut self, tokens: usize) -> Self {
        self.max_question_len = Some(tokens);
        self
    }

    /// Whether "no answer", the empty text, is one of the answers, with the model's score for it.
    #[must_use]
    pub fn handle_impossible_answer(mut self, handle: bool) -> Self {
        self.handle_impossible_answer = handle;
        self
    }

    /// Whether answers begin and end where words do, which they do where this is not called. Of use in languages that put spaces
    /// between words.
    #[must_use]
    pub fn align_to_words(mut self, align: bool) -> Self {
        self.align_to_words = align;
        self
    }

    /// The best answer to each pair of question and text, in their order. Where a text has no tokens it is empty, with the score 0.
    ///
    /// # Errors
    /// When a question or a text is empty or cannot be used (see [`PipelineError`]; the error has the number of the pair), an option makes no
    /// sense, or memory is full. Then there is no answer to any of them.
    pub fn answer<Q: AsRef<str>, C: AsRef<str>>(
        &self,
        questions: impl IntoIterator<Item = (Q, C)>,
    ) -> Result<Vec<AnswerSpan>> {
        let answers = self.answer_top_k(questions, 1)?.into_iter();
        Ok(answers
            .map(|best| best.into_iter().next().unwrap_or_default())
            .collect())
    }

    /// The `top_k` best answers to each pair of question and text, at least 1, the best first; fewer where a text has fewer.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn answer_top_k<Q: AsRef<str>, C: AsRef<str>>(
        &self,
        questions: impl IntoIterator<Item = (Q, C)>,
        top_k: usize,
    ) -> Result<Vec<Vec<AnswerSpan>>> {
        at_least_one("top_k", top_k)?;
        at_least_one("max_answer_len", self.max_answer_len)?;
        let questions: Vec<(Q, C)> = questions.into_iter().collect();
        let mut answers = Vec::with_capacity(questions.len());
        let at_once = self.runner.texts_at_once();
        for (chunk, some) in questions.chunks(at_once).enumerate() {
            let first = chunk * at_once;
            let mut windows = Windows::new(first);
            for (number, (question, context)) in (first..).zip(some) {
                windows.push(self.windows(number, question.as_ref(), context.as_ref())?);
            }
            let scores = self.scores(&windows)?;
            for ((_, context), own) in some.iter().zip(windows.of_texts()) {
                let (windows, scores) = (&windows.encodings()[own.clone()], &scores[own]);
                answers.push(self.best(context.as_ref(), windows, scores, top_k));
            }
        }
        Ok(answers)
    }

    /// The windows over pair number `number`.
    fn windows(&self, number: usize, question: &str, context: &str) -> Result<Vec<Encoding>> {
        for (what, text) in [("question", question), ("text", context)] {
            if text.is_empty() {
                return Err(PipelineError::Empty { text: number, what }.into());
            }
        }
        let tokenizer = self.runner.tokenizer();
        let failed = |source| PipelineError::Encode {
            text: number,
            source,
        };
        let question = match self.max_question_len {
            None => question,
            Some(most) => {
                let plain = EncodeOptions::new().add_special_tokens(false);
                let tokens = tokenizer.encode_with(question, None, &plain);
                let tokens = tokens.map_err(failed)?;
                match tokens.offsets().get(most) {
                    None => question,
                    Some(_) => {
                        let end = most
                            .checked_sub(1)
                            .map_or(0, |last| tokens.offsets()[last].1);
                        let end = question.char_indices().nth(end).map(|(at, _)| at);
                        &question[..end.unwrap_or(question.len())]
                    }
                }
            }
        };
        let limit = self
            .runner
            .limit()
            .unwrap_or(usize::MAX)
            .min(self.max_seq_len);
        let (first, second, truncation) = match self.context() {
            1 => (question, context, Truncation::OnlySecond),
            _ => (context, question, Truncation::OnlyFirst),
        };
        let options = EncodeOptions::new()
            .truncation(truncation)
            .max_length(limit)
            .stride(self.doc_stride.unwrap_or((limit / 2).min(128)));
        let windows = tokenizer.encode_windows(first, Some(second), &options);
        let windows = windows.map_err(failed)?;
        match windows.iter().any(Encoding::is_empty) {
            true => Err(PipelineError::NoTokens { text: number }.into()),
            false => Ok(windows),
        }
    }

    /// Which of the pair the text is: the question comes first where the tokenizer pads on the right.
    fn context(&self) -> usize {
        usize::from(self.runner.tokenizer().padding_side() == Side::Right)
    }

    /// The scores of each window's tokens as beginning and end of the answer.
    fn scores(&self, windows: &Windows) -> Result<Vec<[Vec<f32>; 2]>> {
        let mut scores = vec![[Vec::new(), Vec::new()]; windows.encodings().len()];
        let side = self.runner.tokenizer().padding_side();
        self.runner
            .run_encoded(windows.encodings(), |numbers, output| {
                let lengths = windows.lengths(numbers);
                for (which, name) in ["start_logits", "end_logits"].into_iter().enumerate() {
                    let output = output.outputs.require(name)?;
                    let rows = outputs::unpadded(output, &lengths, &[], side)?;
                    for (&at, row) in numbers.iter().zip(rows) {
                        if row.iter().any(|score| score.is_nan()) {
                            let (text, label) = (windows.text(at), name.to_owned());
                            return Err(PipelineError::NotANumber { text, label }.into());
                        }
                        scores[at][which] = row;
                    }
                }
                Ok(())
            })?;
        Ok(scores)
    }

    /// The best answers of one text's windows.
    fn best(
        &self,
        context: &str,
        windows: &[Encoding],
        scores: &[[Vec<f32>; 2]],
        top_k: usize,
    ) -> Vec<AnswerSpan> {
        let tokenizer = self.runner.tokenizer();
        let no_answer = tokenizer.cls_token_id();
        let choice = Choice {
            // Some are one where words are whole.
            most: match self.align_to_words {
                true => top_k.saturating_mul(2).saturating_add(10),
                false => top_k,
            },
            longest: self.max_answer_len,
            align_to_words: self.align_to_words,
        };
        let text = Characters::new(context);
        let (mut answers, mut least) = (Vec::new(), f64::INFINITY);
        for (encoding, [start, end]) in windows.iter().zip(scores) {
            let window = ScoredWindow {
                encoding,
                start,
                end,
                context: self.context(),
                no_answer,
            };
            least = least.min(window.answers(&text, choice, &mut answers));
        }
        if self.handle_impossible_answer {
            answers.push(AnswerSpan {
                score: least,
                ..AnswerSpan::default()
            });
        }
        answers.sort_by(|a, b| b.score.total_cmp(&a.score));
        answers.truncate(top_k);
        answers
    }
}

fn at_least_one(option: &'static str, value: usize) -> Result<(), PipelineError> {
    match value {
        0 => Err(PipelineError::Zero { option }),
        _ => Ok(()),
    }
}

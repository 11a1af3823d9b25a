use std::collections::HashMap;

use ndarray::{ArrayView2, Ix2};

use super::candidates::{Candidate, Scores, order_of};
use super::example::{QuestionExample, QuestionWindow, places};
use super::options::AnswerOptions;
use super::predictions::{ExampleAnswers, NBestAnswer, QaPredictions};
use crate::error::{MetricError, Result};
use crate::named_arrays::NamedArrays;

/// Answers from a model's scores: `postprocess_qa_predictions` of Hugging Face's `utils_qa.py`.
///
/// `predictions` has `start_logits` and `end_logits`, `[windows, tokens]`, in the order of `windows`. A row may be longer than its
/// window: what lies behind it is padding. Windows of one question need not follow each other.
///
/// ```
/// use trainer_metrics::{
///     AnswerOptions, Array, NamedArrays, QuestionExample, QuestionWindow, postprocess_qa_predictions,
/// };
///
/// let examples = [QuestionExample::new("q", "in Ulm")];
/// let windows = [QuestionWindow::new("q", [None, Some((0, 2)), Some((3, 6))])];
/// let predictions = NamedArrays::new()
///     .with("start_logits", Array::float(&[1, 3], vec![0.0, 1.0, 3.0])?)
///     .with("end_logits", Array::float(&[1, 3], vec![0.0, 0.5, 2.0])?);
/// let found = postprocess_qa_predictions(&examples, &windows, &predictions, &AnswerOptions::new())?;
/// assert_eq!(found.answers[0].text, "Ulm");
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
///
/// # Errors
/// Scores that are missing or not one for each window and token, ids that two examples have or a window has alone, and with
/// [`version_2_with_negative`](AnswerOptions::version_2_with_negative) an example without a window.
pub fn postprocess_qa_predictions(
    examples: &[QuestionExample],
    windows: &[QuestionWindow],
    predictions: &NamedArrays,
    options: &AnswerOptions,
) -> Result<QaPredictions> {
    let start = logits(predictions, "start_logits", windows.len())?;
    let end = logits(predictions, "end_logits", windows.len())?;
    let places = places(examples.iter().map(|example| example.id.as_str()))?;
    let of_example = windows_of(windows, &places)?;
    let mut answers = Vec::with_capacity(examples.len());
    for (place, example) in examples.iter().enumerate() {
        let mut candidates = Vec::new();
        let mut no_answer: Option<Candidate> = None;
        for &window in of_example.get(&place).into_iter().flatten() {
            let scores = Scores {
                start: &start.row(window).to_vec(),
                end: &end.row(window).to_vec(),
                offsets: &windows[window].offset_mapping,
            };
            let found = scores.no_answer();
            if no_answer.is_none_or(|least| found.is_some_and(|it| least.score > it.score)) {
                no_answer = found;
            }
            scores.candidates(options, &mut candidates);
        }
        answers.push(match options.version_2_with_negative {
            false => answered(example, candidates, options),
            true => {
                let no_answer = no_answer.ok_or_else(|| MetricError::NoWindow {
                    id: example.id.clone(),
                })?;
                answered_or_not(example, candidates, no_answer, options)
            }
        });
    }
    Ok(QaPredictions { answers })
}

/// `[windows, tokens]` scores.
fn logits<'p>(
    predictions: &'p NamedArrays,
    name: &str,
    windows: usize,
) -> Result<ArrayView2<'p, f32>> {
    let array = predictions.require(name)?;
    let wrong = || MetricError::WindowScores {
        name: name.to_owned(),
        windows,
        found: array.describe(),
    };
    let scores = array.as_float().ok_or_else(wrong)?;
    let scores = scores.view().into_dimensionality::<Ix2>();
    let scores = scores.map_err(|_| wrong())?;
    match scores.nrows() == windows {
        true => Ok(scores),
        false => Err(wrong()),
    }
}

/// For the place of each example the places of its windows.
fn windows_of(
    windows: &[QuestionWindow],
    places: &HashMap<&str, usize>,
) -> Result<HashMap<usize, Vec<usize>>> {
    let mut of_example: HashMap<usize, Vec<usize>> = HashMap::new();
    for (window, QuestionWindow { example_id, .. }) in windows.iter().enumerate() {
        let place = places.get(example_id.as_str());
        let place = place.ok_or_else(|| MetricError::UnknownExample {
            window,
            id: example_id.clone(),
        })?;
        of_example.entry(*place).or_default().push(window);
    }
    Ok(of_example)
}

/// The answer to a question that has one.
fn answered(
    example: &QuestionExample,
    mut candidates: Vec<Candidate>,
    options: &AnswerOptions,
) -> ExampleAnswers {
    keep_best(&mut candidates, options.n_best_size);
    let n_best = n_best(example, &candidates);
    ExampleAnswers {
        id: example.id.clone(),
        text: n_best[0].text.clone(),
        n_best,
        null_odds: None,
    }
}

/// The answer to a question that may have none.
fn answered_or_not(
    example: &QuestionExample,
    mut candidates: Vec<Candidate>,
    no_answer: Candidate,
    options: &AnswerOptions,
) -> ExampleAnswers {
    candidates.push(no_answer);
    keep_best(&mut candidates, options.n_best_size);
    if !candidates.iter().any(|one| one.offsets == (0, 0)) {
        candidates.push(no_answer);
    }
    let n_best = n_best(example, &candidates);
    let best = n_best.iter().find(|answer| !answer.text.is_empty());
    let (text, start, end) = match best {
        Some(best) => (best.text.clone(), best.start_logit, best.end_logit),
        None => (String::new(), 0.0, 0.0),
    };
    let odds = no_answer.score - start - end;
    ExampleAnswers {
        id: example.id.clone(),
        text: match odds > options.null_score_diff_threshold {
            true => String::new(),
            false => text,
        },
        n_best,
        null_odds: Some(odds),
    }
}

fn keep_best(candidates: &mut Vec<Candidate>, most: usize) {
    candidates.sort_by(|a, b| order_of(b.score, a.score));
    candidates.truncate(most);
}

/// The candidates' texts and probabilities; before them, where no text is left, one that stands in.
fn n_best(example: &QuestionExample, candidates: &[Candidate]) -> Vec<NBestAnswer> {
    let text = Characters::new(&example.context);
    let mut answers: Vec<NBestAnswer> = candidates
        .iter()
        .map(|one| NBestAnswer {
            text: text.between(one.offsets).to_owned(),
            start_logit: one.start_logit,
            end_logit: one.end_logit,
            probability: 0.0,
            stands_in: false,
        })
        .collect();
    let none_left = match answers.as_slice() {
        [] => true,
        [only] => only.text.is_empty(),
        _ => false,
    };
    let mut scores: Vec<f32> = candidates.iter().map(|one| one.score).collect();
    if none_left {
        scores.insert(0, 0.0);
        let text = "empty".to_owned();
        answers.insert(
            0,
            NBestAnswer {
                text,
                start_logit: 0.0,
                end_logit: 0.0,
                probability: 0.0,
                stands_in: true,
            },
        );
    }
    for (answer, probability) in answers.iter_mut().zip(softmax(&scores, none_left)) {
        answer.probability = probability;
    }
    answers
}

/// As numpy computes it: in 32 bits, but in 64 where a number of Python's is among the scores.
fn softmax(scores: &[f32], wide: bool) -> Vec<f64> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted = scores.iter().map(|score| match wide {
        true => (f64::from(*score) - f64::from(highest)).exp(),
        false => f64::from(f64::from(score - highest).exp() as f32),
    });
    let exponentials: Vec<f64> = shifted.collect();
    let narrow: f32 = exponentials.iter().map(|it| *it as f32).sum();
    let sum: f64 = exponentials.iter().sum();
    exponentials
        .into_iter()
        .map(|it| match wide {
            true => it / sum,
            false => f64::from(it as f32 / narrow),
        })
        .collect()
}

/// A text by the numbers of its characters.
struct Characters<'t> {
    text: &'t str,
    /// Where each character begins, in bytes.
    begins: Vec<usize>,
}

impl<'t> Characters<'t> {
    fn new(text: &'t str) -> Self {
        let begins = text.char_indices().map(|(at, _)| at).collect();
        Self { text, begins }
    }

    /// What stands between two characters; nothing behind the end.
    fn between(&self, (begin, end): (usize, usize)) -> &'t str {
        let byte = |at: usize| self.begins.get(at).copied().unwrap_or(self.text.len());
        self.text.get(byte(begin)..byte(end)).unwrap_or_default()
    }
}

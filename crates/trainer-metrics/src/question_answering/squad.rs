use super::example::{QuestionExample, places};
use super::normalized::Words;
use crate::error::{MetricError, Result, at_least};
use crate::values::Metrics;

/// An answer to be scored.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SquadPrediction {
    /// The question's id.
    pub id: String,
    /// The answer; empty for "no answer".
    pub prediction_text: String,
    /// How sure it is that the question has no answer, in `0.0..=1.0`; for [`squad_v2`](crate::squad_v2) alone.
    pub no_answer_probability: f32,
}

impl SquadPrediction {
    /// An answer to a question that surely has one.
    pub fn new(id: impl Into<String>, prediction_text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            prediction_text: prediction_text.into(),
            no_answer_probability: 0.0,
        }
    }

    /// With this probability that the question has no answer.
    #[must_use]
    pub const fn no_answer_probability(mut self, probability: f32) -> Self {
        self.no_answer_probability = probability;
        self
    }
}

/// `exact_match` and `f1` in percent, as the script of SQuAD 1.1 and `evaluate.load("squad")` compute them.
///
/// Answers are compared in lower case, without the punctuation of ASCII, the articles a, an and the, and further spaces. Of the right
/// answers to a question the one counts that scores best. A question without a prediction scores 0.
///
/// ```
/// use trainer_metrics::{QuestionExample, SquadPrediction, squad};
///
/// let references = [QuestionExample::new("q", "").answers(["the Danube", "Danube river"])];
/// let values = squad(&[SquadPrediction::new("q", "danube.")], &references)?;
/// assert_eq!(values.get("exact_match"), Some(100.0));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
///
/// # Errors
/// No question at all, one without a right answer, or an id that is there twice.
pub fn squad(predictions: &[SquadPrediction], references: &[QuestionExample]) -> Result<Metrics> {
    at_least("squad", 1, references.len() as u64)?;
    places(references.iter().map(|example| example.id.as_str()))?;
    let predicted = places(predictions.iter().map(|one| one.id.as_str()))?;
    let (mut exact_match, mut f1) = (0.0, 0.0);
    for example in references {
        if example.answers.is_empty() {
            let id = example.id.clone();
            return Err(MetricError::NoAnswers { id });
        }
        let Some(&place) = predicted.get(example.id.as_str()) else {
            continue;
        };
        let words = Words::of(&predictions[place].prediction_text);
        let truths = example.answers.iter().map(|answer| Words::of(answer));
        let (mut exact, mut best) = (false, 0.0_f64);
        for truth in truths {
            exact |= words == truth;
            best = best.max(words.f1(&truth).unwrap_or(0.0));
        }
        exact_match += f64::from(u8::from(exact));
        f1 += best;
    }
    let percent = |sum: f64| 100.0 * sum / references.len() as f64;
    Ok(Metrics::new()
        .with("exact_match", percent(exact_match))
        .with("f1", percent(f1)))
}

use super::example::{QuestionExample, places};
use super::normalized::Words;
use super::squad::SquadPrediction;
use crate::error::{MetricError, Result, at_least};
use crate::values::Metrics;

/// What a question scores.
struct Scored<'p> {
    prediction: &'p SquadPrediction,
    has_answer: bool,
    /// Exact match and F1, each from 0 to 1.
    raw: [f64; 2],
}

impl Scored<'_> {
    /// Its scores where a higher probability than `threshold` that there is no answer makes it "no answer".
    fn at(&self, threshold: f64) -> [f64; 2] {
        match f64::from(self.prediction.no_answer_probability) > threshold {
            true => [f64::from(u8::from(!self.has_answer)); 2],
            false => self.raw,
        }
    }
}

/// The values in percent that the script of SQuAD 2.0 and `evaluate.load("squad_v2")` compute: `exact`, `f1` and `total`; the same of the
/// questions that have an answer (`HasAns_…`) and of those that have none (`NoAns_…`), where there are such; `best_exact`,
/// `best_f1` and the probabilities of "no answer" with which they are reached, `best_exact_thresh` and `best_f1_thresh`.
///
/// Answers are compared as by [`squad`](crate::squad). A question without right answers is right if the answer is empty. A prediction
/// whose probability of "no answer" is above `no_answer_threshold` (1 in Python's metric) is taken for "no answer".
///
/// ```
/// use trainer_metrics::{QuestionExample, SquadPrediction, squad_v2};
///
/// let references = [
///     QuestionExample::new("q", "").answers(["Ulm"]),
///     QuestionExample::new("r", ""),
/// ];
/// let predictions = [SquadPrediction::new("q", "Ulm"), SquadPrediction::new("r", "Bonn")];
/// let values = squad_v2(&predictions, &references, 1.0)?;
/// assert_eq!((values.get("HasAns_exact"), values.get("NoAns_exact")), (Some(100.0), Some(0.0)));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
///
/// # Errors
/// No question at all, one without a prediction, or an id that is there twice.
pub fn squad_v2(
    predictions: &[SquadPrediction],
    references: &[QuestionExample],
    no_answer_threshold: f64,
) -> Result<Metrics> {
    at_least("squad_v2", 1, references.len() as u64)?;
    places(references.iter().map(|example| example.id.as_str()))?;
    let predicted = places(predictions.iter().map(|one| one.id.as_str()))?;
    let scored = references.iter().map(|example| {
        let place = predicted.get(example.id.as_str());
        let place = place.ok_or_else(|| MetricError::NoPrediction {
            id: example.id.clone(),
        })?;
        Ok((*place, score(example, &predictions[*place])))
    });
    let mut scored = scored.collect::<Result<Vec<_>>>()?;
    let mut values = Metrics::new();
    for (prefix, which) in [("", None), ("HasAns_", Some(true)), ("NoAns_", Some(false))] {
        let part = scored.iter().map(|(_, one)| one);
        let part = part.filter(|one| which.is_none_or(|has| one.has_answer == has));
        let scores: Vec<[f64; 2]> = part.map(|one| one.at(no_answer_threshold)).collect();
        let total = scores.len() as f64;
        if total > 0.0 {
            let percent =
                |which: usize| 100.0 * scores.iter().map(|score| score[which]).sum::<f64>() / total;
            values.insert(format!("{prefix}exact"), percent(0));
            values.insert(format!("{prefix}f1"), percent(1));
            values.insert(format!("{prefix}total"), total);
        }
    }
    // The rising probabilities; equal ones in the order of the predictions.
    scored.sort_by(|(a, one), (b, other)| {
        let (one, other) = (one.prediction, other.prediction);
        let rising = one.no_answer_probability + 0.0;
        rising
            .total_cmp(&(other.no_answer_probability + 0.0))
            .then(a.cmp(b))
    });
    for (which, name) in ["exact", "f1"].into_iter().enumerate() {
        let (best, threshold) = best_threshold(scored.iter().map(|(_, one)| one), which);
        values.insert(format!("best_{name}"), 100.0 * best / scored.len() as f64);
        values.insert(format!("best_{name}_thresh"), threshold);
    }
    Ok(values)
}

fn score<'p>(example: &QuestionExample, prediction: &'p SquadPrediction) -> Scored<'p> {
    let mut truths: Vec<Words> = example.answers.iter().map(|text| Words::of(text)).collect();
    truths.retain(|truth| !truth.is_empty());
    if truths.is_empty() {
        truths.push(Words::of(""));
    }
    let words = Words::of(&prediction.prediction_text);
    let same = |truth: &Words| f64::from(u8::from(words == *truth));
    let f1 = |truth: &Words| match words.is_empty() || truth.is_empty() {
        true => same(truth),
        false => words.f1(truth).unwrap_or(0.0),
    };
    Scored {
        prediction,
        has_answer: !example.answers.is_empty(),
        raw: [
            truths.iter().map(same).fold(0.0, f64::max),
            truths.iter().map(f1).fold(0.0, f64::max),
        ],
    }
}

/// The highest sum of scores over all thresholds, and the first that reaches it. `rising` are the questions by their probability of "no
/// answer".
fn best_threshold<'s>(
    rising: impl Iterator<Item = &'s Scored<'s>> + Clone,
    which: usize,
) -> (f64, f64) {
    let none = rising.clone().filter(|one| !one.has_answer).count() as f64;
    let (mut sum, mut best, mut threshold) = (none, none, 0.0);
    for one in rising {
        sum += match (one.has_answer, one.prediction.prediction_text.is_empty()) {
            (true, _) => one.raw[which],
            (false, true) => 0.0,
            (false, false) => -1.0,
        };
        if sum > best {
            best = sum;
            threshold = f64::from(one.prediction.no_answer_probability);
        }
    }
    (best, threshold)
}

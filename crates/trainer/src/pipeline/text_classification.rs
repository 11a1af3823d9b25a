use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;
use trainer_models::{AutoModelForSequenceClassification, PretrainedModel};

use super::loading::{Head, ModelKind};
use super::runner::Runner;
use super::{FunctionToApply, PipelineError, PipelineOptions, Text, outputs};
use crate::Result;

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    /// The label's name, from `id2label` of `config.json`.
    pub label: String,
    /// Its score: a probability in `0.0..=1.0`, or where [no function](FunctionToApply::None) is applied, as for regression, what
    /// the model gives.
    pub score: f32,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.4}", self.label, self.score)
    }
}

/// Texts in, labels out: Hugging Face's `pipeline("text-classification")`.
///
/// Labels and, to rounding, scores are those of Python's pipeline on the same folder. The last digits of a score depend on which other
/// texts are computed with it, as in Python.
///
/// ```no_run
/// use trainer::prelude::*;
///
/// # fn main() -> trainer::Result<()> {
/// let classifier = TextClassifier::from_pretrained("my-model")?;
/// let texts = vec!["I like it.".to_owned(), "Never again!".to_owned()];
/// for (text, answer) in texts.iter().zip(classifier.classify(&texts)?) {
///     println!("{text}: {} ({:.4})", answer.label, answer.score);
/// }
/// let all_labels = classifier.classify_top_k([("A cat sat.", "A cat was sitting.")], None)?;
/// println!("{:?}", all_labels[0]);
/// # Ok(())
/// # }
/// ```
///
/// Threads share one: by reference (`std::thread::scope`), or in an `Arc` or a `static`.
#[derive(Debug)]
pub struct TextClassifier {
    runner: Runner,
    labels: Vec<String>,
    function: FunctionToApply,
}

const MODELS: ModelKind<PretrainedModel> = ModelKind {
    task: "sequence classification",
    head: Head::Trained("ForSequenceClassification"),
    load: AutoModelForSequenceClassification::from_pretrained_with_report,
};

impl TextClassifier {
    /// Loads tokenizer and model of the folder `name_or_path`, or else of the hub's model of that name, as a training saves them.
    ///
    /// # Errors
    /// When there is no such model, it has no tokenizer, no weights or no head for sequence classification, a file is broken, or
    /// the device has no room.
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
            function: FunctionToApply::of(&config),
        })
    }

    /// What makes scores of the model's outputs, in the place of what the [model's kind of problem](FunctionToApply::of) says.
    #[must_use]
    pub fn function_to_apply(mut self, function: FunctionToApply) -> Self {
        self.function = function;
        self
    }

    /// The names of the labels, in the order of the model's outputs.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The label with the highest score for each text, in the order of the texts; of equal scores the first label's.
    ///
    /// # Errors
    /// When a text cannot be used (see [`PipelineError`]; the error has its number), or memory is full. Then there is no answer
    /// for any of them.
    pub fn classify<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Label>> {
        let best = |scores: &[f32]| {
            let first_highest = |best: usize, at: usize| match scores[at] > scores[best] {
                true => at,
                false => best,
            };
            let best = (0..scores.len()).reduce(first_highest)?;
            Some(self.label(best, scores))
        };
        let scores = self.scores(texts)?;
        Ok(scores.iter().filter_map(|scores| best(scores)).collect())
    }

    /// The `top_k` labels with the highest scores for each text, or with `None` all of them, the highest first.
    ///
    /// # Errors
    /// As [`classify`](Self::classify).
    pub fn classify_top_k<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
        top_k: impl Into<Option<usize>>,
    ) -> Result<Vec<Vec<Label>>> {
        let most = top_k.into().unwrap_or(usize::MAX);
        let sorted = |scores: &Vec<f32>| {
            let mut order: Vec<usize> = (0..scores.len()).collect();
            // None is NaN. Of equal scores the first label stays first.
            order.sort_by(|&a, &b| scores[b].partial_cmp(&scores[a]).unwrap_or(Ordering::Equal));
            let labels = order.into_iter().take(most);
            labels.map(|at| self.label(at, scores)).collect()
        };
        Ok(self.scores(texts)?.iter().map(sorted).collect())
    }

    fn label(&self, at: usize, scores: &[f32]) -> Label {
        Label {
            label: self.labels[at].clone(),
            score: scores[at],
        }
    }

    /// A score for each text and label.
    fn scores<'t, T: Into<Text<'t>>>(
        &self,
        texts: impl IntoIterator<Item = T>,
    ) -> Result<Vec<Vec<f32>>> {
        let texts: Vec<Text<'t>> = texts.into_iter().map(Into::into).collect();
        let mut scores = vec![Vec::new(); texts.len()];
        self.runner.run(&texts, |numbers, output| {
            let outputs = outputs::numbers(output.logits()?, &[numbers.len(), self.labels.len()])?;
            for (&number, outputs) in numbers.iter().zip(outputs.chunks(self.labels.len())) {
                scores[number] = self.score(number, outputs.to_vec())?;
            }
            Ok(())
        })?;
        Ok(scores)
    }

    fn score(&self, text: usize, mut outputs: Vec<f32>) -> Result<Vec<f32>, PipelineError> {
        self.function.apply(&mut outputs);
        match outputs.iter().position(|score| score.is_nan()) {
            None => Ok(outputs),
            Some(at) => Err(PipelineError::NotANumber {
                text,
                label: self.labels[at].clone(),
            }),
        }
    }
}

use serde_json::Value;

use super::{ProblemType, labels::Labels};
use crate::{Error, Result};

/// What a caller wants instead of what a model's `config.json` says.
///
/// ```
/// use trainer_models::{ProblemType, num_labels};
///
/// let options = num_labels(5)
///     .problem_type(ProblemType::MultiLabelClassification)
///     .classifier_dropout(0.2);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelOptions {
    num_labels: Option<usize>,
    id2label: Option<Vec<String>>,
    label2id: Option<Vec<(String, usize)>>,
    pub(crate) problem_type: Option<ProblemType>,
    pub(crate) ignore_mismatched_sizes: bool,
    pub(crate) without_pooling_layer: bool,
    hidden_dropout_prob: Option<f64>,
    attention_probs_dropout_prob: Option<f64>,
    classifier_dropout: Option<f64>,
}

/// Options with a head of `count` outputs: the usual start, `from_pretrained(checkpoint, num_labels(2))`.
#[must_use]
pub fn num_labels(count: usize) -> ModelOptions {
    ModelOptions::default().num_labels(count)
}

impl ModelOptions {
    /// Nothing changed: the model as its configuration says.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of outputs of the head, from 1.
    #[must_use]
    pub fn num_labels(mut self, count: usize) -> Self {
        self.num_labels = Some(count);
        self
    }

    /// Names of the labels in the order of their numbers. Sets their count too.
    #[must_use]
    pub fn id2label<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.id2label = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Numbers of the labels by name: each number from 0 up once. Sets their count too.
    #[must_use]
    pub fn label2id<S: Into<String>>(mut self, ids: impl IntoIterator<Item = (S, usize)>) -> Self {
        self.label2id = Some(
            ids.into_iter()
                .map(|(name, id)| (name.into(), id))
                .collect(),
        );
        self
    }

    /// The head's loss. Without it, and without one in the configuration, the first labels decide.
    #[must_use]
    pub fn problem_type(mut self, problem_type: ProblemType) -> Self {
        self.problem_type = Some(problem_type);
        self
    }

    /// Whether a weight whose shape in the checkpoint is not the model's is drawn anew instead of being an error.
    #[must_use]
    pub fn ignore_mismatched_sizes(mut self, ignore: bool) -> Self {
        self.ignore_mismatched_sizes = ignore;
        self
    }

    /// Whether a model without a head ([`AutoModel`](crate::AutoModel)) has the layer that makes a state for each row, where its family has one;
    /// it has by default. Checkpoints of models with some heads lack it.
    #[must_use]
    pub fn add_pooling_layer(mut self, add: bool) -> Self {
        self.without_pooling_layer = !add;
        self
    }

    /// Dropout after embeddings, attention and feed-forward, a probability in `0.0..=1.0`.
    #[must_use]
    pub fn hidden_dropout_prob(mut self, probability: f64) -> Self {
        self.hidden_dropout_prob = Some(probability);
        self
    }

    /// Dropout of attention weights, a probability in `0.0..=1.0`.
    #[must_use]
    pub fn attention_probs_dropout_prob(mut self, probability: f64) -> Self {
        self.attention_probs_dropout_prob = Some(probability);
        self
    }

    /// Dropout before the head, a probability in `0.0..=1.0`; by default that of the hidden layers.
    #[must_use]
    pub fn classifier_dropout(mut self, probability: f64) -> Self {
        self.classifier_dropout = Some(probability);
        self
    }

    /// The labels asked for; `None` when nothing was said about labels.
    pub(super) fn labels(&self) -> Result<Option<Labels>> {
        let named = match (&self.id2label, &self.label2id) {
            (None, None) => None,
            (Some(names), None) => Some(names.clone()),
            (names, Some(ids)) => {
                let inverse = invert(ids)?;
                if names.as_ref().is_some_and(|names| *names != inverse) {
                    return Err(contradiction("id2label and label2id name different labels"));
                }
                Some(inverse)
            }
        };
        match (named, self.num_labels) {
            (Some(names), Some(count)) if names.len() != count => Err(contradiction(&format!(
                "num_labels is {count}, but {} labels are named",
                names.len()
            ))),
            (Some(names), _) if names.is_empty() => Err(contradiction("no labels are named")),
            (Some(names), _) => Ok(Some(Labels::named(names))),
            (None, Some(0)) => Err(contradiction("num_labels must be at least 1")),
            (None, Some(count)) => Ok(Some(Labels::unnamed(count))),
            (None, None) => Ok(None),
        }
    }

    pub(super) fn names_labels(&self) -> bool {
        self.id2label.is_some() || self.label2id.is_some()
    }

    /// Keys of `config.json` to replace.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (&'static str, Value)> {
        [
            ("hidden_dropout_prob", self.hidden_dropout_prob),
            (
                "attention_probs_dropout_prob",
                self.attention_probs_dropout_prob,
            ),
            ("classifier_dropout", self.classifier_dropout),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, Value::from(value?))))
    }
}

fn invert(ids: &[(String, usize)]) -> Result<Vec<String>> {
    let mut names = vec![None; ids.len()];
    for (name, id) in ids {
        match names.get_mut(*id) {
            Some(slot @ None) => *slot = Some(name.clone()),
            _ => {
                return Err(contradiction(&format!(
                    "label2id must use each number from 0 to {} once, found {name:?}: {id}",
                    ids.len().saturating_sub(1)
                )));
            }
        }
    }
    Ok(names.into_iter().flatten().collect())
}

fn contradiction(reason: &str) -> Error {
    Error::config("model options", reason)
}

use std::collections::HashMap;

use crate::error::{MetricError, Result};

/// A question's text and the answers to it that are right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuestionExample {
    /// The question's name, another for each.
    pub id: String,
    /// The text that answers are parts of.
    pub context: String,
    /// All right answers; none where the text does not answer the question.
    pub answers: Vec<String>,
}

impl QuestionExample {
    /// A question with no right answer yet.
    pub fn new(id: impl Into<String>, context: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            context: context.into(),
            answers: Vec::new(),
        }
    }

    /// With these right answers.
    #[must_use]
    pub fn answers<S: Into<String>>(mut self, answers: impl IntoIterator<Item = S>) -> Self {
        self.answers = answers.into_iter().map(Into::into).collect();
        self
    }
}

/// A row of tokens that holds a question and a part of its text, which a model gave scores to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuestionWindow {
    /// The [id](QuestionExample::id) of its question.
    pub example_id: String,
    /// For each token where it begins and ends in the text, in characters; `None` for tokens that are not the text's.
    pub offset_mapping: Vec<Option<(usize, usize)>>,
}

impl QuestionWindow {
    /// A window of the question `example_id`.
    pub fn new(
        example_id: impl Into<String>,
        offset_mapping: impl IntoIterator<Item = Option<(usize, usize)>>,
    ) -> Self {
        Self {
            example_id: example_id.into(),
            offset_mapping: offset_mapping.into_iter().collect(),
        }
    }
}

/// The places of ids, each of which is there once.
pub(super) fn places<'i>(
    ids: impl IntoIterator<Item = &'i str>,
) -> Result<HashMap<&'i str, usize>> {
    let mut places = HashMap::new();
    for (place, id) in ids.into_iter().enumerate() {
        if let Some(first) = places.insert(id, place) {
            return Err(MetricError::SameId {
                id: id.to_owned(),
                places: [first, place],
            });
        }
    }
    Ok(places)
}

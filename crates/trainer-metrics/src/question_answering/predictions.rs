use serde::ser::{Serialize, SerializeMap, Serializer};

/// An answer to a question, with what the model said of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NBestAnswer {
    /// A part of the text; empty for "no answer".
    pub text: String,
    /// The model's score of its first token.
    pub start_logit: f32,
    /// The model's score of its last token.
    pub end_logit: f32,
    /// The softmax of the scores over the question's answers: in `0.0..=1.0`, and 1 over all of them.
    pub probability: f64,
    /// Whether it stands for an answer that is missing, since the model gave none: its text is then `empty`.
    pub stands_in: bool,
}

impl Serialize for NBestAnswer {
    /// An object with the keys in Python's order, which is another for an answer that stands in.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (start, end) = (f64::from(self.start_logit), f64::from(self.end_logit));
        let mut map = serializer.serialize_map(Some(4))?;
        if self.stands_in {
            map.serialize_entry("text", &self.text)?;
        }
        map.serialize_entry("start_logit", &start)?;
        map.serialize_entry("end_logit", &end)?;
        if !self.stands_in {
            map.serialize_entry("text", &self.text)?;
        }
        map.serialize_entry("probability", &self.probability)?;
        map.end()
    }
}

/// What a model answers to one question.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExampleAnswers {
    /// The question's id.
    pub id: String,
    /// The answer; empty for "no answer".
    pub text: String,
    /// The best answers, the best first, at least one.
    pub n_best: Vec<NBestAnswer>,
    /// By how much the score of "no answer" is above the best answer's, where questions may have none.
    pub null_odds: Option<f32>,
}

/// What a model answers to all questions, in the order of the examples.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct QaPredictions {
    /// One for each example.
    pub answers: Vec<ExampleAnswers>,
}

impl QaPredictions {
    /// Ids and answers: what Python writes into `predictions.json`.
    pub fn predictions(&self) -> impl Serialize {
        InOrder(self.each(|one| &one.text))
    }

    /// Ids and best answers: what Python writes into `nbest_predictions.json`.
    pub fn n_best(&self) -> impl Serialize {
        InOrder(self.each(|one| &one.n_best))
    }

    /// Ids and by how much "no answer" is ahead: what Python writes into `null_odds.json`. `None` where all questions have an answer.
    pub fn null_odds(&self) -> Option<impl Serialize> {
        let odds = |one: &ExampleAnswers| Some((one.id.clone(), f64::from(one.null_odds?)));
        let odds: Option<Vec<_>> = self.answers.iter().map(odds).collect();
        odds.filter(|odds| !odds.is_empty()).map(InOrder)
    }

    fn each<'a, T>(&'a self, of: impl Fn(&'a ExampleAnswers) -> T) -> Vec<(&'a str, T)> {
        let pair = |one: &'a ExampleAnswers| (one.id.as_str(), of(one));
        self.answers.iter().map(pair).collect()
    }
}

/// An object with its keys in order.
struct InOrder<K, V>(Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for InOrder<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

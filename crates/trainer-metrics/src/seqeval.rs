//! Named entities.

use std::collections::{BTreeMap, BTreeSet};

use crate::classes::{Classes, is_labelled};
use crate::confusion::ClassCounts;
use crate::entities::{Entity, Tag, entities};
use crate::error::{MetricError, Result, at_least, same_settings};
use crate::metric::{Metric, downcast};
use crate::prediction::EvalPrediction;
use crate::values::Metrics;

const NAME: &str = "seqeval";

/// How many named entities are found, with their kind and both ends right: `precision`, `recall`, `f1`, and `accuracy`, the part of the
/// tokens whose tag is right; the values of `evaluate.load("seqeval")`, named as `run_ner.py` names them.
///
/// Predictions are the scores of tags `[rows, tokens, tags]`, or tags `[rows, tokens]`; labels are tags `[rows, tokens]`, of which -100
/// is left out on both sides. Tags are numbered as the names given, `B-PER`, `I-PER`, `O` or with `E` and `S`. Tags that do not follow
/// each other well are read as `conlleval` does ([seqeval](https://github.com/chakki-works/seqeval)'s default).
///
/// ```
/// use trainer_metrics::{Array, EvalPrediction, Metric, Seqeval};
///
/// let mut metric = Seqeval::new(["O", "B-PER", "I-PER"]);
/// let predictions = Array::int(&[2, 3], vec![1, 2, 0, 0, 1, 0])?;
/// let labels = Array::int(&[2, 3], vec![1, 2, -100, 0, 1, 2])?;
/// metric.add_batch(&EvalPrediction::new(predictions, labels))?;
/// let values = metric.compute()?;
/// assert_eq!((values.get("f1"), values.get("accuracy")), (Some(0.5), Some(0.8)));
/// # Ok::<(), trainer_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Seqeval {
    tags: Vec<Tag>,
    entity_level: bool,
    by_kind: BTreeMap<String, ClassCounts>,
    tokens: u64,
    right: u64,
}

impl Seqeval {
    /// For tags of these names, the first of number 0.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let parse = |name: S| Tag::parse(name.as_ref());
        Self {
            tags: names.into_iter().map(parse).collect(),
            entity_level: false,
            by_kind: BTreeMap::new(),
            tokens: 0,
            right: 0,
        }
    }

    /// Whether there are values for each kind of entity too (`return_entity_level_metrics` of `run_ner.py`): `PER_precision`,
    /// `PER_recall`, `PER_f1` and `PER_number`, how many are labelled. Those over all are then `overall_precision` and so on.
    #[must_use]
    pub fn with_entity_level(mut self, entity_level: bool) -> Self {
        self.entity_level = entity_level;
        self
    }

    fn tag(&self, class: i64, row: usize) -> Result<&Tag> {
        let tag = usize::try_from(class)
            .ok()
            .and_then(|class| self.tags.get(class));
        tag.ok_or(MetricError::UnknownTag {
            row,
            tag: class,
            tags: self.tags.len(),
        })
    }
}

impl Metric for Seqeval {
    fn name(&self) -> &str {
        NAME
    }

    fn add_batch(&mut self, batch: &EvalPrediction) -> Result<()> {
        let classes = Classes::read(batch, None)?;
        let mut by_kind = std::mem::take(&mut self.by_kind);
        let mut count = |entities: &BTreeSet<Entity<'_>>, add: fn(&mut ClassCounts)| {
            for (kind, ..) in entities {
                add(by_kind.entry((*kind).to_owned()).or_default());
            }
        };
        let (mut tokens, mut right) = (0, 0);
        for (number, row) in classes.rows().enumerate() {
            let mut predicted = Vec::new();
            let mut labelled = Vec::new();
            for &(class, label) in row.iter().filter(|pair| is_labelled(pair)) {
                predicted.push(self.tag(class, number)?);
                labelled.push(self.tag(label, number)?);
                tokens += 1;
                right += u64::from(class == label);
            }
            let predicted: BTreeSet<_> = entities(&predicted).into_iter().collect();
            let labelled: BTreeSet<_> = entities(&labelled).into_iter().collect();
            count(&predicted, |counts| counts.predicted += 1);
            count(&labelled, |counts| counts.labelled += 1);
            count(&(&predicted & &labelled), |counts| counts.hits += 1);
        }
        self.by_kind = by_kind;
        self.tokens += tokens;
        self.right += right;
        Ok(())
    }

    fn merge(&mut self, other: Box<dyn Metric>) -> Result<()> {
        let other = downcast::<Self>(self, other)?;
        let settings = |metric: &Self| (metric.tags.clone(), metric.entity_level);
        same_settings(NAME, &settings(self), &settings(&other))?;
        for (kind, counts) in other.by_kind {
            self.by_kind.entry(kind).or_default().add(counts);
        }
        self.tokens += other.tokens;
        self.right += other.right;
        Ok(())
    }

    fn compute(&self) -> Result<Metrics> {
        at_least(NAME, 1, self.tokens)?;
        let mut values = Metrics::new();
        if self.entity_level {
            for (kind, counts) in &self.by_kind {
                let of_kind = scores_of(&format!("{kind}_"), *counts);
                for (name, value) in of_kind {
                    values.insert(name, value);
                }
                values.insert(format!("{kind}_number"), counts.labelled as f64);
            }
        }
        let prefix = if self.entity_level { "overall_" } else { "" };
        for (name, value) in scores_of(prefix, ClassCounts::sum(self.by_kind.values())) {
            values.insert(name, value);
        }
        let accuracy = self.right as f64 / self.tokens as f64;
        Ok(values.with(format!("{prefix}accuracy"), accuracy))
    }

    fn reset(&mut self) {
        self.by_kind.clear();
        self.tokens = 0;
        self.right = 0;
    }

    fn value_names(&self) -> Option<Vec<String>> {
        let names = ["precision", "recall", "f1", "accuracy"];
        // Those of each kind are known from the data alone.
        (!self.entity_level).then(|| names.map(str::to_owned).to_vec())
    }
}

/// Precision, recall and F1, 0 where they are not defined.
fn scores_of(prefix: &str, counts: ClassCounts) -> [(String, f64); 3] {
    let share = |of: u64| match of {
        0 => 0.0,
        of => counts.hits as f64 / of as f64,
    };
    let (precision, recall) = (share(counts.predicted), share(counts.labelled));
    let f1 = match precision + recall {
        0.0 => 0.0,
        sum => 2.0 * precision * recall / sum,
    };
    let values = [("precision", precision), ("recall", recall), ("f1", f1)];
    values.map(|(name, value)| (format!("{prefix}{name}"), value))
}

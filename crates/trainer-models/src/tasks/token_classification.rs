use tch::Tensor;
use trainer_collate::{Batch, NamedTensors};

use super::{Task, check_classes, cross_entropy, form_of};
use crate::model::num_counted_labels;
use crate::{Error, PretrainedConfig, Result};

/// One class a token: cross entropy over the labels `[rows, length]` that are not -100.
#[derive(Debug)]
pub struct TokenClassification {
    num_labels: i64,
    task: &'static str,
}

impl TokenClassification {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        Ok(Self::of_classes(
            config.num_outputs()?,
            "token classification",
        ))
    }

    /// Of so many classes; `task` is what errors call it.
    pub(super) fn of_classes(num_labels: i64, task: &'static str) -> Self {
        Self { num_labels, task }
    }
}

impl Task for TokenClassification {
    fn num_outputs(&self) -> i64 {
        self.num_labels
    }

    fn labels_tokens(&self) -> bool {
        true
    }

    fn check(&self, labels: &Batch) -> Result<()> {
        let labels = labels.require("labels")?;
        if labels.dim() != 2 {
            return Err(Error::LabelForm {
                found: form_of(labels),
                task: self.task.to_owned(),
                expected: "a list of classes a row, one a token".to_owned(),
            });
        }
        check_classes(labels, self.num_labels)
    }

    fn num_items(&self, labels: &Batch) -> Result<i64> {
        num_counted_labels(labels.require("labels")?)
    }

    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor> {
        let (logits, labels) = (outputs.require("logits")?, labels.require("labels")?);
        let [tokens @ .., _] = logits.size().try_into().unwrap_or([0; 3]);
        if labels.size() != tokens {
            let found = format!("{:?}", labels.size());
            return Err(Error::input(
                "labels",
                format!("{tokens:?}, one a token"),
                found,
            ));
        }
        cross_entropy(logits, labels, self.num_labels)
    }
}

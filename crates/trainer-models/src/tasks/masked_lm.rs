use serde_json::Value;
use tch::Tensor;
use trainer_collate::{Batch, NamedTensors};

use super::{Task, TokenClassification};
use crate::{Error, PretrainedConfig, Result};

/// The word that stands where one was masked: cross entropy over the labels `[rows, length]` that are not -100, each the number of a
/// word.
#[derive(Debug)]
pub struct MaskedLanguageModelling {
    words: TokenClassification,
}

impl MaskedLanguageModelling {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        if config.get("tie_word_embeddings") == Some(&Value::Bool(false)) {
            let reason = "tie_word_embeddings false is not supported: words are predicted by their embeddings";
            return Err(Error::config(config.origin(), reason));
        }
        let count = config.get("vocab_size").and_then(Value::as_i64);
        let count = count.ok_or_else(|| Error::config(config.origin(), "vocab_size is missing"))?;
        Ok(Self {
            words: TokenClassification::of_classes(count, "masked language modelling"),
        })
    }
}

impl Task for MaskedLanguageModelling {
    fn num_outputs(&self) -> i64 {
        self.words.num_outputs()
    }

    fn labels_tokens(&self) -> bool {
        true
    }

    fn check(&self, labels: &Batch) -> Result<()> {
        self.words.check(labels)
    }

    fn num_items(&self, labels: &Batch) -> Result<i64> {
        self.words.num_items(labels)
    }

    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor> {
        self.words.loss(outputs, labels)
    }
}

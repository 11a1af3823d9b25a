//! Folders of tiny models as a training saves them, whose weights Python can make too.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tch::{Kind, Tensor, no_grad};
use trainer::models::{ModelOptions, PretrainedConfig};
use trainer::pipeline::{PipelineOptions, TextClassifier};
use trainer::prelude::*;

use super::generator;

/// A folder with a model, removed at the end.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A model for sequences of this configuration, without a tokenizer.
    pub fn new(config: &Value) -> Self {
        let config = PretrainedConfig::from_json(&config.to_string(), "config.json").unwrap();
        let model = {
            let _alone = generator();
            AutoModelForSequenceClassification::from_config(config, ModelOptions::new()).unwrap()
        };
        Self::saved(&*model)
    }

    /// A model for answers of this configuration, without a tokenizer.
    pub fn of_answers(config: &Value) -> Self {
        let config = PretrainedConfig::from_json(&config.to_string(), "config.json").unwrap();
        let model = {
            let _alone = generator();
            AutoModelForQuestionAnswering::from_config(config, ModelOptions::new()).unwrap()
        };
        Self::saved(&*model)
    }

    /// A folder of this model, with other weights.
    fn saved(model: &dyn Model) -> Self {
        fill(model);
        let folder = tempfile::tempdir().unwrap();
        model.save_pretrained(folder.path()).unwrap();
        Self(folder)
    }

    /// A BERT that tells cats, dogs and birds apart, with its tokenizer.
    pub fn of_animals() -> Self {
        let words = super::WORDS.map(str::to_owned);
        let folder = Self::new(&animals());
        folder.write_words(&words, &json!({"model_max_length": 16}));
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn name(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A tokenizer of words, and its `tokenizer_config.json`.
    pub fn write_words(&self, words: &[String], config: &Value) {
        std::fs::write(self.file("vocab.txt"), words.join("\n")).unwrap();
        std::fs::write(self.file("tokenizer_config.json"), config.to_string()).unwrap();
    }

    /// Changes `config.json`.
    pub fn edit_config(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.file("config.json");
        let mut config = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        edit(&mut config);
        std::fs::write(path, config.to_string()).unwrap();
    }
}

/// Loads the model of a folder, lets `change` change its weights, and saves it again.
pub fn change_weights(folder: &Folder, change: impl FnOnce(&dyn Model)) {
    let _alone = generator();
    let options = ModelOptions::new();
    let model =
        AutoModelForSequenceClassification::from_pretrained(folder.name(), options).unwrap();
    change(&*model);
    model.save_pretrained(folder.path()).unwrap();
}

/// The configuration of a BERT of two layers and three labels, which takes 16 tokens.
pub fn animals() -> Value {
    json!({
        "model_type": "bert", "vocab_size": super::WORDS.len(), "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 16, "type_vocab_size": 2,
        "id2label": {"0": "cats", "1": "dogs", "2": "birds"},
    })
}

/// As `fill` of `parity/text_classification.py`: numbers that float32 holds exactly.
fn fill(model: &dyn Model) {
    for (p, weight) in model.parameters().iter().enumerate() {
        let number = |i: i64| (i * i * 31 + i * 7919 + p as i64 * 104_729) % 2003 - 1001;
        let (divisor, added) = match weight.name.as_str() {
            name if name.ends_with("bias") => (8192.0, 0.0),
            name if name.ends_with("LayerNorm.weight") => (8192.0, 1.0),
            _ => (1024.0, 0.0),
        };
        let values: Vec<f64> = (0..weight.tensor.numel() as i64)
            .map(|i| added + number(i) as f64 / divisor)
            .collect();
        let values = Tensor::from_slice(&values)
            .to_kind(Kind::Float)
            .view(weight.tensor.size().as_slice());
        no_grad(|| weight.tensor.shallow_clone().copy_(&values));
    }
}

/// The classifier of a folder, on the CPU.
pub fn classifier(folder: &Folder, options: &PipelineOptions) -> TextClassifier {
    let options = options.clone().device(tch::Device::Cpu);
    TextClassifier::from_pretrained_with(folder.name(), &options).unwrap()
}

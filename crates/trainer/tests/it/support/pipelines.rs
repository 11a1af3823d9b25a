//! Folders of tiny models as a training saves them, whose weights Python can make too.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tch::{Kind, Tensor, no_grad};
use trainer::models::ModelOptions;
use trainer::pipeline::{PipelineOptions, TextClassifier};
use trainer::prelude::*;

use super::generator;

/// A folder with a model, removed at the end.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A model for sequences of this configuration, without a tokenizer.
    pub fn new(config: &Value) -> Self {
        Self::of(config, |config| {
            AutoModelForSequenceClassification::from_config(config, ModelOptions::new())
        })
    }

    /// A model for answers of this configuration, without a tokenizer.
    pub fn of_answers(config: &Value) -> Self {
        Self::of(config, |config| {
            AutoModelForQuestionAnswering::from_config(config, ModelOptions::new())
        })
    }

    /// A model for labels of tokens of this configuration, without a tokenizer.
    pub fn of_tokens(config: &Value) -> Self {
        Self::of(config, |config| {
            AutoModelForTokenClassification::from_config(config, ModelOptions::new())
        })
    }

    /// A model for masked words of this configuration, without a tokenizer.
    pub fn of_masked_words(config: &Value) -> Self {
        Self::of(config, |config| {
            AutoModelForMaskedLM::from_config(config, ModelOptions::new())
        })
    }

    /// A model without a head of this configuration, without a tokenizer.
    pub fn of_states(config: &Value) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let _alone = generator();
        let model = AutoModel::from_config(read(config), ModelOptions::new()).unwrap();
        fill(model.parameters());
        model.save_pretrained(folder.path()).unwrap();
        folder
    }

    fn of(
        config: &Value,
        make: impl FnOnce(PretrainedConfig) -> trainer::models::Result<Box<dyn Model>>,
    ) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let _alone = generator();
        let model = make(read(config)).unwrap();
        fill(model.parameters());
        model.save_pretrained(folder.path()).unwrap();
        folder
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

    /// The tokenizer of this name: one of `tokenizers.json`, or that of a model on the hub. Whether it is there.
    pub fn write_tokenizer(&self, name: &str) -> bool {
        let small = include_str!("../../data/tokenizers.json");
        let mut small: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_str(small).unwrap();
        if let Some(files) = small.remove(name) {
            for (file, text) in files {
                std::fs::write(self.file(&file), text).unwrap();
            }
            return true;
        }
        let Some(model) = hub_model(name) else {
            return false;
        };
        for file in std::fs::read_dir(model).unwrap() {
            let (name, path) = (file.as_ref().unwrap().file_name(), file.unwrap().path());
            let name = name.to_str().unwrap();
            if name != "config.json" && !name.starts_with("model") {
                std::fs::copy(path, self.file(name)).unwrap();
            }
        }
        true
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

fn read(config: &Value) -> PretrainedConfig {
    PretrainedConfig::from_json(&config.to_string(), "config.json").unwrap()
}

/// The folder of a model on the hub, from the cache; says so where it is not there.
pub fn hub_model(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("HF_HUB_CACHE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets/hub"),
        PathBuf::from,
    );
    let model = cache.join(format!("models--{}", name.replace('/', "--")));
    let commit = std::fs::read_to_string(model.join("refs/main")).ok();
    let folder = commit.map(|commit| model.join("snapshots").join(commit.trim()));
    if folder.is_none() {
        // Not by `println`, which passing tests do not show.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: {name} is not in {}",
            cache.display()
        );
    }
    folder
}

/// As `fill` of `parity/formula_weights.py`: numbers that float32 holds exactly.
fn fill(parameters: &Parameters) {
    for (p, weight) in parameters.iter().enumerate() {
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

/// By how much scores may be apart: outputs by 64 roundings of the largest, as `text_classification.rs` says. A score is no further apart
/// than its outputs.
pub fn tolerance(largest: f64) -> f64 {
    64.0 * 2f64.powi(-24) * largest.max(1.0)
}

/// Batches of these sizes, computed in both ways, on the CPU.
pub fn ways(sizes: &[usize]) -> Vec<PipelineOptions> {
    let way = |&size: &usize| {
        Compute::ALL.map(|compute| {
            let options = PipelineOptions::new().batch_size(size).compute(compute);
            options.device(tch::Device::Cpu)
        })
    };
    sizes.iter().flat_map(way).collect()
}

/// The classifier of a folder, on the CPU.
pub fn classifier(folder: &Folder, options: &PipelineOptions) -> TextClassifier {
    let options = options.clone().device(tch::Device::Cpu);
    TextClassifier::from_pretrained_with(folder.name(), &options).unwrap()
}

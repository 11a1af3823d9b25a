use std::{fs, path::Path, sync::OnceLock};

use trainer_models::{AutoConfig, AutoModelForSequenceClassification, ModelOptions, weights};

use crate::folder::{file, folder};

const CONFIG: &[u8] =
    br#"{"model_type": "bert", "vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1,
  "num_attention_heads": 1, "intermediate_size": 4, "max_position_embeddings": 8}"#;

/// A pickle of a checkpoint or of weights.
pub(crate) fn pickle(bytes: &[u8]) {
    let path = file("pytorch_model.bin", bytes);
    match trainer_torch::pickle::load(&path) {
        Ok(value) => {
            let _ = format!("{value:?}").len();
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
    let folder = model(
        &[("config.json", CONFIG)],
        &["model.safetensors", "model.safetensors.index.json"],
    );
    load(folder);
}

/// A configuration, and the model that it asks for with the weights of a small one.
pub(crate) fn config(bytes: &[u8]) {
    let folder = model(
        &[
            ("config.json", bytes),
            ("model.safetensors", small_weights()),
        ],
        &[],
    );
    if let Some(path) = folder.to_str() {
        let _ = AutoConfig::from_pretrained(path).map_err(|error| error.to_string());
    }
    load(folder);
}

pub(crate) fn safetensors(bytes: &[u8]) {
    load(model(
        &[("config.json", CONFIG), ("model.safetensors", bytes)],
        &[],
    ));
}

/// The index of weights in several files, of which one is there.
pub(crate) fn weights_index(bytes: &[u8]) {
    let files = [
        ("config.json", CONFIG),
        ("model-1.safetensors", small_weights()),
        ("model.safetensors.index.json", bytes),
    ];
    load(model(&files, &["model.safetensors"]));
}

/// A folder with these files, and without those.
fn model(files: &[(&str, &[u8])], without: &[&str]) -> &'static Path {
    let folder = folder(files);
    for name in without {
        let _ = fs::remove_file(folder.join(name));
    }
    folder
}

fn load(folder: &Path) {
    if let Ok(checkpoint) = weights::Checkpoint::open_folder(folder) {
        let _ = checkpoint.names().len();
    }
    let Some(path) = folder.to_str() else { return };
    let options = ModelOptions::new().ignore_mismatched_sizes(true);
    let model = AutoModelForSequenceClassification::from_pretrained(path, options);
    let _ = model.map(drop).map_err(|error| error.to_string());
}

/// Weights of the small model.
fn small_weights() -> &'static [u8] {
    static WEIGHTS: OnceLock<Vec<u8>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let saved = folder(&[("small/config.json", CONFIG)]).join("small");
        let config = AutoConfig::from_pretrained(saved.to_str().expect("a plain path"))
            .expect("a configuration");
        let model = AutoModelForSequenceClassification::from_config(config, ModelOptions::new())
            .expect("a model");
        model.save_pretrained(&saved).expect("a saved model");
        fs::read(saved.join("model.safetensors")).expect("its weights")
    })
}

//! What ModernBERT takes of configurations, old and new, and of batches.

use crate::families::tiny;
use crate::support::{assert_same_bits, bits, generator, read_tensors, run, write_tensors};
use serde_json::json;
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::{
    AutoModelForMaskedLM, AutoModelForMultipleChoice, AutoModelForSequenceClassification, Compute,
    Mode, Model, ModelOptions, PretrainedConfig,
};

fn config(more: &str) -> PretrainedConfig {
    PretrainedConfig::from_json(&tiny("modernbert", more), "config.json").unwrap()
}

fn made(more: &str) -> Box<dyn Model> {
    tch::manual_seed(3);
    AutoModelForSequenceClassification::from_config(config(more), ModelOptions::new()).unwrap()
}

fn batch(ids: &Tensor) -> Batch {
    let mut batch = Batch::new();
    batch.insert("input_ids", ids.shallow_clone());
    batch
}

fn ids(rows: i64, length: i64) -> Tensor {
    let all = Tensor::arange(rows * length, (Kind::Int64, tch::Device::Cpu));
    (all.remainder(17) + 2).view([rows, length])
}

fn logits(model: &dyn Model, batch: &Batch) -> Tensor {
    let output = run(model, batch, Mode::Eval).unwrap();
    output.logits().unwrap().shallow_clone()
}

#[test]
fn keys_of_older_files_say_the_same_as_todays() {
    let _alone = generator();
    let old = made(
        r#", "num_hidden_layers": 4, "global_attn_every_n_layers": 2, "global_rope_theta": 50, "local_rope_theta": 7.5,
            "local_attention": 4, "rope_scaling": null"#,
    );
    let new = made(
        r#", "num_hidden_layers": 4, "local_attention": 4,
            "layer_types": ["full_attention", "sliding_attention", "full_attention", "sliding_attention"],
            "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 50.0},
                                "sliding_attention": {"rope_theta": 7.5}}"#,
    );
    let batch = batch(&ids(2, 9));
    let expected = logits(&*new, &batch);
    assert_eq!(bits(&logits(&*old, &batch)), bits(&expected));
    for other in [
        r#""global_rope_theta": 51"#,
        r#""local_rope_theta": 8"#,
        r#""local_attention": 6"#,
        r#""global_attn_every_n_layers": 3"#,
    ] {
        let keys = format!(
            r#", "num_hidden_layers": 4, "global_attn_every_n_layers": 2, "global_rope_theta": 50, "local_rope_theta": 7.5,
                "local_attention": 4, {other}"#
        );
        assert_ne!(
            bits(&logits(&*made(&keys), &batch)),
            bits(&expected),
            "{other}"
        );
    }
    // What is saved has today's keys, as Python writes them.
    let saved = old.config().unwrap();
    assert_eq!(
        saved.get("layer_types"),
        new.config().unwrap().get("layer_types")
    );
    let rotations = saved.get("rope_parameters").unwrap();
    assert_eq!(
        *rotations,
        json!({
            "full_attention": {"rope_type": "default", "rope_theta": 50.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 7.5},
        })
    );
}

#[test]
fn rows_may_be_of_any_length() {
    let _alone = generator();
    let model = made(r#", "max_position_embeddings": 4"#);
    assert_eq!(logits(&*model, &batch(&ids(1, 40))).size(), [1, 2]);
}

#[test]
fn a_mask_of_four_dimensions_is_refused() {
    let _alone = generator();
    let model = made("");
    let mut masked = batch(&ids(2, 3));
    masked.insert(
        "attention_mask",
        Tensor::ones([2, 1, 3, 3], (Kind::Int64, tch::Device::Cpu)),
    );
    for compute in Compute::ALL {
        let message = model.prepare(masked.shallow_clone(), compute).unwrap_err();
        assert!(message.to_string().contains("[2, 1, 3, 3]"), "{message}");
    }
}

/// Choices are scored by their first token that is no padding, wherever padding stands; sequences by their first column.
#[test]
fn choices_may_be_padded_on_the_left() {
    let _alone = generator();
    tch::manual_seed(3);
    let model = AutoModelForMultipleChoice::from_config(config(""), ModelOptions::new()).unwrap();
    let (row, padding) = (
        ids(1, 4),
        Tensor::zeros([1, 2], (Kind::Int64, tch::Device::Cpu)),
    );
    let scores = |parts: [&Tensor; 2], compute| {
        let ids = Tensor::cat(&parts, 1).unsqueeze(0);
        let mut batch = batch(&ids);
        batch.insert("attention_mask", ids.ne(0).to_kind(Kind::Int64));
        let prepared = model.prepare(batch, compute).unwrap();
        let output = model.forward(&prepared, Mode::Eval).unwrap();
        output.logits().unwrap().double_value(&[0, 0])
    };
    for compute in Compute::ALL {
        let (left, right) = (
            scores([&padding, &row], compute),
            scores([&row, &padding], compute),
        );
        // Places are turned by as much, whatever they begin with.
        assert!((left - right).abs() < 1e-5, "{compute}: {left} {right}");
    }
}

/// The table gets no gradient of padding, but its row is drawn as all others are.
#[test]
fn weights_are_drawn_within_their_cutoff() {
    let _alone = generator();
    let model =
        made(r#", "initializer_range": 0.5, "initializer_cutoff_factor": 1.5, "vocab_size": 400"#);
    let weight = |name: &str| &model.parameters().get(name).unwrap().tensor;
    let largest = |name: &str| weight(name).abs().max().double_value(&[]);
    let words = "model.embeddings.tok_embeddings.weight";
    assert!(weight(words).get(0).abs().min().double_value(&[]) > 0.0);
    let ends = [
        (words, 0.75),
        ("model.layers.0.attn.Wqkv.weight", 0.75),
        ("model.layers.0.mlp.Wi.weight", 0.75),
        ("model.layers.0.attn.Wo.weight", 0.75 / 2f64.sqrt()),
        ("model.layers.0.mlp.Wo.weight", 0.75 / 2f64.sqrt()),
        ("head.dense.weight", 0.75 / 2f64.sqrt()),
        ("classifier.weight", 1.5 / 8f64.sqrt()),
    ];
    for (name, end) in ends {
        assert!(largest(name) <= end + 1e-6, "{name}: {}", largest(name));
        assert!(largest(name) > 0.6 * end, "{name}: {}", largest(name));
    }
}

#[test]
fn words_are_predicted_by_their_embeddings() {
    let _alone = generator();
    for (keys, in_file) in [
        (
            "",
            &["decoder.bias", "head.dense.weight", "head.norm.weight"][..],
        ),
        (
            r#", "decoder_bias": false"#,
            &["head.dense.weight", "head.norm.weight"],
        ),
    ] {
        let model = AutoModelForMaskedLM::from_config(config(keys), ModelOptions::new()).unwrap();
        let batch = batch(&ids(2, 5));
        let expected = logits(&*model, &batch);
        let folder = tempfile::tempdir().unwrap();
        model.save_pretrained(folder.path()).unwrap();
        let file = folder.path().join("model.safetensors");
        let mut saved = read_tensors(&file);
        let mut names: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
        names.retain(|name| !name.starts_with("model."));
        names.sort_unstable();
        assert_eq!(names, in_file);
        // Under the other name, as some files have them.
        for (name, _) in &mut saved {
            if name.ends_with("tok_embeddings.weight") {
                *name = "decoder.weight".to_owned();
            }
        }
        write_tensors(&file, &saved);
        let path = folder.path().to_str().unwrap();
        let (loaded, report) =
            AutoModelForMaskedLM::from_pretrained_with_report(path, ModelOptions::new()).unwrap();
        assert!(report.is_exact(), "{report}");
        let clone = loaded.shallow_clone().unwrap();
        for model in [&loaded as &dyn Model, &clone] {
            assert_same_bits("logits", &logits(model, &batch), &expected);
        }
    }
    let sparse = config(r#", "sparse_prediction": true"#);
    let message = AutoModelForMaskedLM::from_config(sparse, ModelOptions::new());
    let message = message.err().unwrap().to_string();
    assert!(
        message.contains("sparse_prediction true is not supported"),
        "{message}"
    );
}

//! Weights out: Python's files, byte for byte; shards; in-place loading.

use std::fs;
use std::path::Path;

use crate::support::{
    assert_same_bits, copy_of, data, fixture, generator, hub_model, read_tensors, run,
    write_tensors,
};
use serde_json::Value;
use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::bert::BertConfig;
use trainer_models::weights::{Checkpoint, load_weights, save_pretrained};
use trainer_models::{
    AutoConfig, AutoModel, AutoModelForSequenceClassification, Construction, Mode, Model,
    ModelOptions, Parameters, PretrainedConfig, PretrainedModel, Role, SaveOptions, num_labels,
};

fn tiny() -> Box<dyn Model> {
    AutoModelForSequenceClassification::from_pretrained(
        &fixture("tiny_bert_3"),
        ModelOptions::new(),
    )
    .unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_what_python_saves() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("new/model");
    tiny().save_pretrained(&folder).unwrap();
    assert_eq!(names_in(&folder), ["config.json", "model.safetensors"]);
    assert_eq!(
        fs::read(folder.join("model.safetensors")).unwrap(),
        fs::read(data("tiny_bert_3").join("model.safetensors")).unwrap()
    );
    assert_eq!(
        json(&folder.join("config.json")),
        json(&data("tiny_bert_3").join("config.json"))
    );
}

#[test]
fn labels_problem_type_and_unknown_keys_are_kept() {
    let copy = copy_of("tiny_bert_3");
    let path = copy.path().join("config.json");
    let mut config = json(&path);
    config["made_by"] = Value::from("someone");
    config["_name_or_path"] = Value::from("somewhere");
    fs::write(&path, config.to_string()).unwrap();
    let options = ModelOptions::new().id2label(["no", "maybe", "yes"]);
    let model =
        AutoModelForSequenceClassification::from_pretrained(copy.path().to_str().unwrap(), options)
            .unwrap();
    assert_eq!(model.config().unwrap().problem_type(), None);
    let mut batch = Batch::new();
    batch.insert("input_ids", Tensor::from_slice2(&[[2_i64, 5, 3]]));
    batch.insert("labels", Tensor::from_slice(&[1_i64]));
    run(&model, &batch, Mode::Eval).unwrap();
    model.save_pretrained(copy.path()).unwrap();
    let saved = json(&path);
    assert_eq!(saved["made_by"], "someone");
    assert_eq!(saved["id2label"]["2"], "yes");
    assert_eq!(saved["label2id"]["maybe"], 1);
    assert_eq!(saved["problem_type"], "single_label_classification");
    assert!(saved.get("_name_or_path").is_none() && saved.get("num_labels").is_none());
    let again = AutoConfig::from_pretrained(copy.path().to_str().unwrap()).unwrap();
    assert!(again.id2label().values().eq(&["no", "maybe", "yes"]));
}

#[test]
fn a_configuration_of_ones_own_is_saved_with_every_key() {
    let _alone = generator();
    let config = BertConfig {
        vocab_size: 9,
        hidden_size: 4,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        intermediate_size: 4,
        ..BertConfig::default()
    };
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(1)).unwrap();
    let out = tempfile::tempdir().unwrap();
    model.save_pretrained(out.path()).unwrap();
    let saved = json(&out.path().join("config.json"));
    assert_eq!(saved["model_type"], "bert");
    assert_eq!(saved["architectures"][0], "BertForSequenceClassification");
    assert_eq!(saved["layer_norm_eps"], 1e-12);
    assert_eq!(saved["id2label"]["0"], "LABEL_0");
    assert_eq!(saved["dtype"], "float32");
}

#[test]
fn shards_hold_the_model_and_replace_what_was_there() {
    let out = tempfile::tempdir().unwrap();
    let model = sharding_model();
    model.save_pretrained(out.path()).unwrap();
    model
        .save_pretrained_with(
            out.path(),
            &SaveOptions {
                max_shard_size: 700,
            },
        )
        .unwrap();
    let names = names_in(out.path());
    assert!(
        !names.contains(&"model.safetensors".to_owned()),
        "{names:?}"
    );
    let index = json(&out.path().join("model.safetensors.index.json"));
    let count = names.iter().filter(|name| name.contains("-of-")).count();
    assert!(count > 3, "{names:?}");
    assert_eq!(
        index["metadata"]["total_size"],
        4 * model.parameters().num_elements(false)
    );
    let read = |folder: &Path| {
        AutoModelForSequenceClassification::from_pretrained_with_report(
            folder.to_str().unwrap(),
            ModelOptions::new(),
        )
    };
    let (again, report) = read(out.path()).unwrap();
    assert!(report.is_exact(), "{report}");
    for (have, expected) in again.parameters().iter().zip(model.parameters()) {
        assert_same_bits(&expected.name, &have.tensor, &expected.tensor);
    }

    let shard = index["weight_map"]["classifier.bias"].as_str().unwrap();
    fs::remove_file(out.path().join(shard)).unwrap();
    let message = read(out.path()).err().unwrap().to_string();
    assert!(
        message.contains(shard) && message.contains("is not there"),
        "{message}"
    );

    model.save_pretrained(out.path()).unwrap();
    assert_eq!(names_in(out.path()), ["config.json", "model.safetensors"]);
}

/// Its own type, for the method that only it has.
fn sharding_model() -> PretrainedModel {
    let folder = fixture("tiny_bert_3");
    AutoModelForSequenceClassification::from_pretrained_with_report(&folder, ModelOptions::new())
        .unwrap()
        .0
}

#[test]
fn an_index_must_tell_the_truth() {
    let out = tempfile::tempdir().unwrap();
    sharding_model()
        .save_pretrained_with(
            out.path(),
            &SaveOptions {
                max_shard_size: 4000,
            },
        )
        .unwrap();
    let path = out.path().join("model.safetensors.index.json");
    let whole = json(&path);
    let other = whole["weight_map"]["bert.embeddings.word_embeddings.weight"]
        .as_str()
        .unwrap();
    for (shard, expected) in [
        (
            format!("../{other}"),
            "is not the name of a .safetensors file",
        ),
        (other.to_owned(), "which is not so"),
    ] {
        let mut index = whole.clone();
        index["weight_map"]["classifier.bias"] = Value::from(shard);
        fs::write(&path, index.to_string()).unwrap();
        let error = AutoModel::from_pretrained(out.path().to_str().unwrap(), ModelOptions::new());
        let message = error.err().unwrap().to_string();
        assert!(
            message.contains(expected) && message.contains("index.json"),
            "{message}"
        );
    }
}

#[test]
fn weights_load_in_place() {
    // Where weights lie stays, and with it how a single row is rounded; so both are from the same file.
    let model = tiny();
    for entry in model.parameters() {
        let _zeros = entry.tensor.detach().zero_();
    }
    let frozen = model
        .parameters()
        .get("classifier.bias")
        .unwrap()
        .tensor
        .set_requires_grad(false);
    let mut batch = Batch::new();
    batch.insert("input_ids", Tensor::from_slice2(&[[2_i64, 5, 3]]));
    model.load_weights(&data("tiny_bert_3")).unwrap();
    for (name, value) in read_tensors(&data("tiny_bert_3").join("model.safetensors")) {
        assert_same_bits(
            &name,
            &model.parameters().get(&name).unwrap().tensor,
            &value,
        );
    }
    let output = run(&model, &batch, Mode::Eval).unwrap();
    assert_same_bits(
        "layers see them",
        output.logits().unwrap(),
        run(&tiny(), &batch, Mode::Eval).unwrap().logits().unwrap(),
    );
    assert!(!frozen.requires_grad());
    assert!(
        model
            .parameters()
            .get("classifier.weight")
            .unwrap()
            .tensor
            .requires_grad()
    );
}

#[test]
fn weights_of_another_model_change_nothing() {
    let model = tiny();
    let message = model
        .load_weights(&data("tiny_bert_1"))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("classifier.weight has shape [1, 8], the model expects [3, 8]"),
        "{message}"
    );
    let bare = tempfile::tempdir().unwrap();
    AutoModel::from_pretrained(&fixture("tiny_bert_3"), ModelOptions::new())
        .unwrap()
        .save_pretrained(bare.path())
        .unwrap();
    let message = model.load_weights(bare.path()).unwrap_err().to_string();
    assert!(
        message.contains("missing: classifier.weight, classifier.bias"),
        "{message}"
    );
    for (name, value) in read_tensors(&data("tiny_bert_3").join("model.safetensors")) {
        assert_same_bits(
            &name,
            &model.parameters().get(&name).unwrap().tensor,
            &value,
        );
    }
    assert!(model.load_weights(&bare.path().join("absent")).is_err());
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_names_it() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("file");
    fs::write(&file, "").unwrap();
    let message = tiny()
        .save_pretrained(&file.join("model"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("file/model"), "{message}");
}

#[test]
fn a_real_model_survives_saving() {
    let Some(minilm) = hub_model("sentence-transformers/all-MiniLM-L6-v2") else {
        return;
    };
    let _alone = generator();
    tch::manual_seed(42);
    let (model, report) =
        AutoModelForSequenceClassification::from_pretrained_with_report(&minilm, num_labels(2))
            .unwrap();
    assert_eq!(report.missing, ["classifier.weight", "classifier.bias"]);
    assert!(report.unexpected.is_empty(), "{report}");
    let out = tempfile::tempdir().unwrap();
    model.save_pretrained(out.path()).unwrap();
    let (again, report) = AutoModelForSequenceClassification::from_pretrained_with_report(
        out.path().to_str().unwrap(),
        ModelOptions::new(),
    )
    .unwrap();
    assert!(report.is_exact(), "{report}");
    assert_eq!(again.parameters().len(), 105);
    for (have, expected) in again.parameters().iter().zip(model.parameters()) {
        assert_same_bits(&expected.name, &have.tensor, &expected.tensor);
    }
}

#[test]
fn a_tied_weight_is_saved_once_and_loaded_by_either_name() {
    let _alone = generator();
    let make = |checkpoint: Option<&Checkpoint>| {
        let construction = Construction::new(checkpoint, "base", 0.02, false);
        let root = construction.root();
        let role = Role::Embedding { padding: None };
        let words = (&root / "words").weight("weight", &[4, 2], role).unwrap();
        (&root / "decoder").tie("weight", &words).unwrap();
        let stranger = Tensor::zeros([4, 2], tch::kind::FLOAT_CPU);
        assert!(root.tie("other", &stranger).is_err());
        construction.finish("Tied", "here").unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let (drawn, _) = make(None);
    assert_eq!(drawn.len(), 1);
    let config = PretrainedConfig::from_json(r#"{"model_type": "tied"}"#, "config.json").unwrap();
    let options = SaveOptions::default();
    save_pretrained(folder.path(), &drawn, &config, "Tied", &options).unwrap();
    let path = folder.path().join("model.safetensors");
    let saved = read_tensors(&path);
    assert_eq!(saved.len(), 1);
    assert_eq!(saved[0].0, "words.weight");

    let words = |parameters: &Parameters| parameters.get("words.weight").unwrap().tensor.detach();
    let under = |names: &[&str]| {
        let tensors: Vec<_> = names
            .iter()
            .map(|name| ((*name).to_owned(), saved[0].1.shallow_clone()))
            .collect();
        write_tensors(&path, &tensors);
        let (loaded, report) = make(Some(&Checkpoint::open_folder(folder.path()).unwrap()));
        assert!(report.is_exact(), "{report}");
        assert_same_bits("made", &words(&loaded), &saved[0].1);
        let (restored, _) = make(None);
        load_weights(&restored, folder.path(), "base").unwrap();
        assert_same_bits("restored", &words(&restored), &saved[0].1);
    };
    under(&["words.weight"]);
    under(&["decoder.weight"]);
    under(&["words.weight", "decoder.weight"]);
}

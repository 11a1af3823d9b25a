//! Configurations and activations against what `parity/models_configs.py` recorded from Python.

use std::fs;

use crate::support::{data, floats, generator};
use serde_json::{Map, Value, json};
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::layers::Activation;
use trainer_models::{
    AutoConfig, AutoModelForSequenceClassification, Compute, Error, Model, ModelOptions,
};

fn recorded() -> Value {
    serde_json::from_str(&fs::read_to_string(data("configs.json")).unwrap()).unwrap()
}

type Taken = (Box<dyn Model>, Map<String, Value>);

/// The model that `config.json` with the tiny model's keys and these makes, and the file that it saves.
fn taken(tiny: &Value, keys: &Value) -> Result<Taken, Error> {
    let mut config = tiny.as_object().unwrap().clone();
    config.extend(keys.as_object().unwrap().clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, serde_json::to_vec(&config).unwrap()).unwrap();
    let config = AutoConfig::from_pretrained(folder.path().to_str().unwrap())?;
    let model = AutoModelForSequenceClassification::from_config(config, ModelOptions::new())?;
    model.save_pretrained(folder.path())?;
    let saved = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    Ok((model, saved))
}

fn weight<'a>(model: &'a dyn Model, name: &str) -> &'a Tensor {
    &model.parameters().get(name).unwrap().tensor
}

/// Rows of a table that hold nothing but zeros.
fn zero_rows(table: &Tensor) -> Vec<i64> {
    let rows = 0..table.size()[0];
    rows.filter(|row| table.get(*row).abs().sum(Kind::Double).double_value(&[]) == 0.0)
        .collect()
}

#[test]
fn configurations_load_and_are_saved_as_in_python() {
    let _alone = generator();
    let recorded = recorded();
    for (name, case) in recorded["cases"].as_object().unwrap() {
        let taken = taken(&recorded["tiny"], &case["keys"]);
        if case.get("refused").is_some() {
            let message = taken.err().unwrap_or_else(|| panic!("{name} is taken"));
            assert!(message.to_string().contains("config.json"), "{message}");
            continue;
        }
        let (model, saved) = taken.unwrap_or_else(|error| panic!("{name}: {error}"));
        let config = model.config().unwrap();
        let names = case["names"].as_array().unwrap();
        let expected: Vec<(i64, String)> = names
            .iter()
            .map(|pair| {
                let text = pair[1].as_str().map(str::to_owned);
                (
                    pair[0].as_i64().unwrap(),
                    text.unwrap_or_else(|| pair[1].to_string()),
                )
            })
            .collect();
        assert_eq!(
            config.id2label().into_iter().collect::<Vec<_>>(),
            expected,
            "{name}"
        );
        let outputs = weight(model.as_ref(), "classifier.weight").size()[0];
        assert_eq!(case["outputs"], outputs, "{name}");
        let padding: Vec<i64> = case["padding"].as_i64().into_iter().collect();
        let words = weight(model.as_ref(), "bert.embeddings.word_embeddings.weight");
        assert_eq!(zero_rows(words), padding, "{name}");
        let expected: Map<String, Value> =
            serde_json::from_str(case["saved"].as_str().unwrap()).unwrap();
        for key in [
            "id2label",
            "label2id",
            "num_labels",
            "problem_type",
            "pad_token_id",
            "hidden_act",
        ] {
            // As text, for the order of the keys within.
            let text = |keys: &Map<String, Value>| keys.get(key).map(Value::to_string);
            assert_eq!(text(&saved), text(&expected), "{name}: {key}");
        }
    }
}

/// Python makes a model without outputs of these.
#[test]
fn a_head_without_outputs_is_refused() {
    let tiny = &recorded()["tiny"];
    for (keys, expected) in [
        (json!({"id2label": {}}), "id2label must name a label"),
        (
            json!({"num_labels": 0}),
            "num_labels must be a positive whole number, found 0",
        ),
        (
            json!({"num_labels": -1}),
            "num_labels must be a positive whole number, found -1",
        ),
    ] {
        let message = taken(tiny, &keys).err().unwrap().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn padding_from_the_end_gets_no_gradient() {
    let _alone = generator();
    let recorded = recorded();
    let (model, _) = taken(&recorded["tiny"], &json!({"pad_token_id": -1})).unwrap();
    let mut batch = Batch::new();
    batch.insert("input_ids", Tensor::from_slice2(&[[2_i64, 5, 19, 3]]));
    batch.insert("labels", Tensor::from_slice(&[1_i64]));
    let output = crate::support::run(model.as_ref(), &batch, trainer_models::Mode::Eval).unwrap();
    output.loss.unwrap().backward();
    let gradient = weight(model.as_ref(), "bert.embeddings.word_embeddings.weight").grad();
    let zero = zero_rows(&gradient);
    assert!(zero.contains(&19) && !zero.contains(&2) && !zero.contains(&5));
}

#[test]
fn robertas_places_begin_at_0_where_padding_is_the_last_token() {
    let _alone = generator();
    let recorded = recorded();
    let roberta = &recorded["roberta"];
    let keys = json!({"model_type": "roberta", "pad_token_id": -1});
    let (model, _) = taken(&recorded["tiny"], &keys).unwrap();
    for (table, row) in ["word", "position"]
        .iter()
        .zip(roberta["zero_rows"].as_array().unwrap())
    {
        let name = format!("roberta.embeddings.{table}_embeddings.weight");
        assert_eq!(
            zero_rows(weight(model.as_ref(), &name)),
            [row.as_i64().unwrap()],
            "{name}"
        );
    }
    let mut batch = Batch::new();
    batch.insert(
        "input_ids",
        floats(&roberta["input_ids"]).to_kind(Kind::Int64),
    );
    let prepared = model.prepare(batch, Compute::Reference).unwrap();
    let places = prepared.inputs().get("position_ids").unwrap();
    assert!(places.equal(&floats(&roberta["position_ids"]).to_kind(Kind::Int64)));
    let message = taken(
        &recorded["tiny"],
        &json!({"model_type": "roberta", "pad_token_id": -2}),
    );
    let message = message.err().unwrap().to_string();
    assert!(
        message.contains("pad_token_id must be from -1"),
        "{message}"
    );
}

/// Equal but for how another processor rounds: numbers of the size of the argument are added, and in gradients of its cube.
#[test]
fn activations_and_their_gradients_equal_pythons() {
    let recorded = recorded();
    let numbers = floats(&recorded["numbers"]);
    let activations = recorded["activations"].as_object().unwrap();
    assert_eq!(activations.len(), 22);
    for (name, expected) in activations {
        let activation: Activation = serde_json::from_value(name.as_str().into()).unwrap();
        let input = numbers.copy().set_requires_grad(true);
        let values = activation.forward(&input).unwrap();
        values.sum(Kind::Float).backward();
        let size = input.detach().abs().clamp_min(1.0);
        for (found, expected, of) in [
            (
                values.detach(),
                &expected[0],
                size.maximum(&floats(&expected[0]).abs()),
            ),
            (input.grad(), &expected[1], size.pow_tensor_scalar(3)),
        ] {
            let roundings = (found - floats(expected)).abs() / of * (2_f64.powi(24));
            let most = roundings.max().double_value(&[]);
            assert!(most <= 8.0, "{name}: {most} roundings");
        }
    }
    for name in ["prelu", "xielu"] {
        let refused = taken(&recorded["tiny"], &json!({"hidden_act": name}));
        let message = refused.err().unwrap().to_string();
        assert!(
            message.contains(&format!("unknown variant `{name}`")),
            "{message}"
        );
    }
}

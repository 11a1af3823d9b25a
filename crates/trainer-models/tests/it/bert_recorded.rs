//! BERT against values that `parity/models_bert_recorded.py` recorded from Python.

use crate::support::{data, fixture, floats, generator, integers, run};
use serde_json::Value;
use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_models::bert::BertConfig;
use trainer_models::{
    AutoModelForSequenceClassification, Mode, Model, ModelOptions, ProblemType, num_labels,
};

fn recorded() -> Value {
    serde_json::from_str(&std::fs::read_to_string(data("bert_recorded.json")).unwrap()).unwrap()
}

fn inputs(recorded: &Value) -> Batch {
    let mut batch = Batch::new();
    for (name, rows) in recorded["inputs"].as_object().unwrap() {
        batch.insert(name.as_str(), integers(rows));
    }
    batch
}

/// The error of one rounding to float32, relative to what is rounded.
const UNIT: f64 = f32::EPSILON as f64 / 2.0;

/// Equal but for how another processor rounds: `roundings` of numbers of the size `of`.
fn assert_close(what: &str, have: f64, expected: f64, roundings: f64, of: f64) {
    assert!(
        (have - expected).abs() <= roundings * UNIT * of,
        "{what}: {have} is more than {roundings} roundings of {of} away from {expected}"
    );
}

#[test]
fn scores_losses_and_gradients_equal_pythons() {
    let recorded = recorded();
    for (problem, case) in recorded["cases"].as_object().unwrap() {
        let folder = fixture(case["model"].as_str().unwrap());
        let model =
            AutoModelForSequenceClassification::from_pretrained(&folder, ModelOptions::new())
                .unwrap();
        let mut batch = inputs(&recorded);
        let labels = &case["labels"];
        batch.insert(
            "labels",
            if problem == "single_label_classification" {
                integers(labels)
            } else {
                floats(labels)
            },
        );
        let output = run(&model, &batch, Mode::Train).unwrap();
        // Sums of numbers around 1, whatever is left of them.
        let furthest = (output.logits().unwrap() - floats(&case["logits"]))
            .abs()
            .max();
        assert_close(problem, furthest.double_value(&[]), 0.0, 20.0, 1.0);
        let loss = output.loss.unwrap();
        let expected = case["loss"].as_f64().unwrap();
        assert_close(problem, loss.double_value(&[]), expected, 20.0, 1.0);
        loss.backward();
        let norms = case["gradient_norms"].as_object().unwrap();
        assert_eq!(norms.len(), model.parameters().len());
        for (entry, (name, norm)) in model.parameters().iter().zip(norms) {
            assert_eq!(entry.name, *name, "order of named_parameters()");
            let have = entry
                .tensor
                .grad()
                .to_kind(Kind::Double)
                .norm()
                .double_value(&[]);
            // The softmax does not see the bias of the keys: its gradient is rounding of that of the weight.
            let of = match name.strip_suffix("key.bias") {
                Some(layer) => &norms[&format!("{layer}key.weight")],
                None => norm,
            };
            let norm = norm.as_f64().unwrap();
            assert_close(name, have, norm, 40.0, of.as_f64().unwrap());
        }
        let inferred = model.config().unwrap().problem_type().unwrap();
        assert_eq!(inferred.as_str(), problem);
    }
}

#[test]
fn a_model_from_a_configuration_is_drawn_as_python_draws_it() {
    let _alone = generator();
    let recorded = recorded();
    let config = BertConfig {
        vocab_size: 20,
        hidden_size: 8,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 12,
        max_position_embeddings: 10,
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
        ..BertConfig::default()
    };
    tch::manual_seed(11);
    let model = AutoModelForSequenceClassification::from_config(config, num_labels(3)).unwrap();
    let drawn = recorded["drawn_from_seed_11"].as_object().unwrap();
    assert_eq!(drawn.len(), model.parameters().len());
    for entry in model.parameters() {
        let [first, sum, norm] = [0, 1, 2].map(|at| drawn[&entry.name][at].as_f64().unwrap());
        let values = entry.tensor.detach().to_kind(Kind::Double).flatten(0, -1);
        let name = &entry.name;
        // A normal number is a root times a cosine.
        assert_close(name, values.double_value(&[0]), first, 8.0, norm);
        let root = (values.numel() as f64).sqrt();
        assert_close(
            name,
            values.sum(Kind::Double).double_value(&[]),
            sum,
            8.0,
            root * norm,
        );
        assert_close(name, values.norm().double_value(&[]), norm, 8.0, norm);
        assert!(entry.tensor.requires_grad() && entry.tensor.is_leaf());
        assert_eq!(entry.role.in_norm(), entry.name.contains("LayerNorm"));
    }
    let words = &model
        .parameters()
        .get("bert.embeddings.word_embeddings.weight")
        .unwrap()
        .tensor;
    assert_eq!(
        words.get(0).abs().sum(Kind::Double).double_value(&[]),
        0.0,
        "padding row"
    );
}

#[test]
fn a_problem_type_that_is_given_wins_over_the_labels() {
    let recorded = recorded();
    let options = ModelOptions::new().problem_type(ProblemType::MultiLabelClassification);
    let model =
        AutoModelForSequenceClassification::from_pretrained(&fixture("tiny_bert_3"), options)
            .unwrap();
    let mut batch = inputs(&recorded);
    // Whole numbers, which alone would mean one class a row.
    batch.insert(
        "labels",
        Tensor::from_slice2(&[[1_i64, 0, 1], [0, 0, 0], [0, 1, 1]]),
    );
    let loss = run(&model, &batch, Mode::Eval).unwrap().loss.unwrap();
    let expected = recorded["cases"]["multi_label_classification"]["loss"]
        .as_f64()
        .unwrap();
    assert_close("loss", loss.double_value(&[]), expected, 20.0, 1.0);
}

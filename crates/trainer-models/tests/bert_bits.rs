//! Bits of Python's BERT against ours, on the machine where `parity/models_bert_bits.py` wrote them into the folder that
//! `TRAINER_PARITY_BITS` names. Without it nothing is compared: another processor rounds differently.

#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::path::PathBuf;

use support::{assert_same_bits, hub_model, read_tensors};
use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::bert::BertConfig;
use trainer_models::{
    AutoModel, AutoModelForSequenceClassification, Mode, Model, ModelOptions, Parameters,
    ProblemType, num_labels,
};

const MINILM: &str = "sentence-transformers/all-MiniLM-L6-v2";

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TRAINER_PARITY_BITS").map(PathBuf::from);
    if folder.is_none() {
        println!(
            "skipped: TRAINER_PARITY_BITS names no folder that parity/models_bert_bits.py wrote"
        );
    }
    folder
}

fn batch_of(tensors: Vec<(String, Tensor)>) -> Batch {
    let mut batch = Batch::new();
    for (name, tensor) in tensors {
        batch.insert(name, tensor);
    }
    batch
}

fn compare_parameters(parameters: &Parameters, expected: &[(String, Tensor)]) {
    for (name, value) in expected {
        let have = parameters
            .get(name)
            .unwrap_or_else(|| panic!("no weight {name}"));
        assert_same_bits(name, &have.tensor, value);
    }
}

#[test]
fn whole_passes_and_drawn_weights_equal_pythons() {
    // One test: the cases share libtorch's global generator.
    let (Some(folder), Some(minilm)) = (folder(), hub_model(MINILM)) else {
        return;
    };
    let cases = [
        ("two", num_labels(2)),
        ("regression", num_labels(1)),
        (
            "multi",
            num_labels(3)
                .problem_type(ProblemType::MultiLabelClassification)
                .classifier_dropout(0.3),
        ),
    ];
    for (case, options) in cases {
        tch::manual_seed(42);
        let model = AutoModelForSequenceClassification::from_pretrained(&minilm, options).unwrap();
        compare_parameters(
            model.parameters(),
            &read_tensors(&folder.join(format!("{case}.head.safetensors"))),
        );
        for kind in ["padded", "even"] {
            let batch = batch_of(read_tensors(
                &folder.join(format!("{case}.{kind}.in.safetensors")),
            ));
            let expected = read_tensors(&folder.join(format!("{case}.{kind}.out.safetensors")));
            compare_passes(&format!("{case} {kind}"), model.as_ref(), &batch, &expected);
        }
    }
    compare_drawn_models(&folder);
    compare_base_model(&folder, &minilm);
}

fn compare_passes(case: &str, model: &dyn Model, batch: &Batch, expected: &[(String, Tensor)]) {
    let evaluated = tch::no_grad(|| model.forward(batch, Mode::Eval)).unwrap();
    for entry in model.parameters() {
        entry.tensor.shallow_clone().zero_grad();
    }
    tch::manual_seed(7);
    let trained = model.forward(batch, Mode::Train).unwrap();
    let loss = trained.loss.unwrap();
    loss.backward();
    for (name, value) in expected {
        let have = match name.as_str() {
            "eval.logits" => evaluated.logits.shallow_clone(),
            "eval.loss" => evaluated.loss.as_ref().unwrap().shallow_clone(),
            "train.logits" => trained.logits.shallow_clone(),
            "train.loss" => loss.shallow_clone(),
            other => {
                let weight = other.strip_prefix("grad.").unwrap();
                model.parameters().get(weight).unwrap().tensor.grad()
            }
        };
        assert_same_bits(&format!("{case} {name}"), &have, value);
    }
    assert_eq!(expected.len(), 4 + model.parameters().len());
}

fn compare_drawn_models(folder: &std::path::Path) {
    let config = BertConfig {
        vocab_size: 61,
        hidden_size: 24,
        num_hidden_layers: 2,
        num_attention_heads: 3,
        intermediate_size: 40,
        max_position_embeddings: 32,
        ..BertConfig::default()
    };
    tch::manual_seed(11);
    let model =
        AutoModelForSequenceClassification::from_config(config.clone(), num_labels(3)).unwrap();
    compare_parameters(
        model.parameters(),
        &read_tensors(&folder.join("config.safetensors")),
    );
    tch::manual_seed(11);
    let base = AutoModel::from_config(config, ModelOptions::new()).unwrap();
    compare_parameters(
        base.parameters(),
        &read_tensors(&folder.join("config.base.safetensors")),
    );
}

fn compare_base_model(folder: &std::path::Path, minilm: &str) {
    let model = AutoModel::from_pretrained(minilm, ModelOptions::new()).unwrap();
    let batch = batch_of(read_tensors(&folder.join("two.padded.in.safetensors")));
    let output = tch::no_grad(|| model.forward(&batch, Mode::Eval)).unwrap();
    for (name, value) in read_tensors(&folder.join("base.out.safetensors")) {
        let have = match name.as_str() {
            "last_hidden_state" => &output.last_hidden_state,
            _ => output.pooler_output.as_ref().unwrap(),
        };
        assert_same_bits(&name, have, &value);
    }
}

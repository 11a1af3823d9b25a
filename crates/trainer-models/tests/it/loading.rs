//! Weights in: names that differ, weights that are missing or do not fit, files that are broken.

use std::fs;
use std::path::Path;

use crate::support::{
    assert_equals_fixture, assert_same_bits, copy_of, data, fixture, generator, load, read_tensors,
    refusal, write_tensors,
};
use proptest::prelude::*;
use tch::{Device, Kind, Tensor};
use trainer_models::{AutoConfig, AutoModel, ModelOptions, num_labels};

/// Rewrites a copy's weights, by name.
fn rewrite(folder: &Path, change: impl Fn(String, Tensor) -> Option<(String, Tensor)>) {
    let path = folder.join("model.safetensors");
    let tensors: Vec<_> = read_tensors(&path)
        .into_iter()
        .filter_map(|(name, tensor)| change(name, tensor))
        .collect();
    write_tensors(&path, &tensors);
}

#[test]
fn a_checkpoint_with_all_weights_loads_without_remark() {
    let (model, report) = load(&data("tiny_bert_3"), ModelOptions::new()).unwrap();
    assert_equals_fixture(model.as_ref(), "tiny_bert_3");
    assert!(report.is_exact(), "{report}");
}

/// Nothing is made of what the configuration asks for.
#[test]
fn a_configuration_of_another_model_than_the_weights_is_refused() {
    let _alone = generator();
    for (key, number, lacks) in [
        (
            "vocab_size",
            1_i64 << 28,
            "bert.embeddings.word_embeddings.weight",
        ),
        ("num_hidden_layers", 10_000, "bert.encoder.layer."),
        (
            "intermediate_size",
            1 << 31,
            "bert.encoder.layer.0.intermediate.dense.weight",
        ),
    ] {
        let copy = copy_of("tiny_bert_3");
        let path = copy.path().join("config.json");
        let text = fs::read_to_string(&path).unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
        config[key] = number.into();
        fs::write(&path, config.to_string()).unwrap();
        rewrite(copy.path(), |name, tensor| {
            (!name.contains("word_embeddings")).then_some((name, tensor))
        });
        let options = ModelOptions::new().ignore_mismatched_sizes(true);
        let error = load(copy.path(), options)
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(lacks) && error.contains("of another model"),
            "{error}"
        );
    }
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let copy = copy_of("tiny_bert_3");
    let one = r#""a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}"#;
    let header = format!("{{{one}, {one}}}");
    let length = (header.len() as u64).to_le_bytes();
    let file = [&length, header.as_bytes(), &[0; 4]].concat();
    fs::write(copy.path().join("model.safetensors"), file).unwrap();
    let error = load(copy.path(), ModelOptions::new())
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(error.contains("it has \"a\" twice"), "{error}");
}

#[test]
fn old_names_are_todays() {
    let copy = copy_of("tiny_bert_3");
    rewrite(copy.path(), |name, tensor| {
        let old = name
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        Some((old, tensor))
    });
    let (model, report) = load(copy.path(), ModelOptions::new()).unwrap();
    assert_equals_fixture(model.as_ref(), "tiny_bert_3");
    assert!(report.is_exact(), "{report}");
}

#[test]
fn a_bare_model_loads_into_one_with_a_head_and_its_buffers_are_left_out() {
    let _alone = generator();
    let copy = copy_of("tiny_bert_3");
    rewrite(copy.path(), |name, tensor| {
        match name.strip_prefix("bert.") {
            Some("pooler.dense.bias") => Some(("embeddings.position_ids".into(), tensor)),
            Some(bare) => Some((bare.to_owned(), tensor)),
            None => None,
        }
    });
    let (model, report) = load(copy.path(), num_labels(3)).unwrap();
    let head = [
        "bert.pooler.dense.bias",
        "classifier.weight",
        "classifier.bias",
    ];
    assert_eq!(report.missing, head);
    assert!(report.unexpected.is_empty() && report.mismatched.is_empty());
    let words = report.to_string();
    assert!(
        words.contains("newly initialized: [\"bert.pooler.dense.bias\""),
        "{words}"
    );
    assert!(
        words.contains("You should probably TRAIN this model"),
        "{words}"
    );
    for (name, value) in read_tensors(&data("tiny_bert_3").join("model.safetensors")) {
        if !head.contains(&name.as_str()) {
            assert_same_bits(
                &name,
                &model.parameters().get(&name).unwrap().tensor,
                &value,
            );
        }
    }
}

#[test]
fn a_head_is_drawn_from_the_seed_and_nothing_else_is() {
    let _alone = generator();
    let copy = copy_of("tiny_bert_3");
    rewrite(copy.path(), |name, tensor| {
        (!name.starts_with("classifier")).then_some((name, tensor))
    });
    // 24 numbers of a normal distribution, as torch.empty(3, 8).normal_(0, 0.02) draws them.
    tch::manual_seed(42);
    let expected = Tensor::empty([3, 8], tch::kind::FLOAT_CPU).normal_(0.0, 0.02);
    let next = Tensor::rand([4], tch::kind::FLOAT_CPU);
    tch::manual_seed(42);
    let (model, _) = load(copy.path(), ModelOptions::new()).unwrap();
    let after = Tensor::rand([4], tch::kind::FLOAT_CPU);
    assert_same_bits(
        "head",
        &model.parameters().get("classifier.weight").unwrap().tensor,
        &expected,
    );
    assert_same_bits("what is drawn next", &after, &next);
    let bias = &model.parameters().get("classifier.bias").unwrap().tensor;
    assert_eq!(bias.abs().sum(Kind::Double).double_value(&[]), 0.0);
}

#[test]
fn a_model_with_a_head_loads_as_a_bare_one() {
    let (model, report) =
        AutoModel::from_pretrained_with_report(&fixture("tiny_bert_3"), ModelOptions::new())
            .unwrap();
    assert_eq!(report.unexpected, ["classifier.bias", "classifier.weight"]);
    assert!(report.missing.is_empty());
    assert_eq!(
        model.parameters().iter().next().unwrap().name,
        "embeddings.word_embeddings.weight"
    );
    assert!(
        report
            .to_string()
            .contains("were not used when initializing BertModel")
    );
}

#[test]
fn other_shapes_are_an_error_that_says_which_unless_allowed() {
    let _alone = generator();
    let folder = data("tiny_bert_3");
    let message = refusal(&folder, num_labels(5));
    for part in [
        "model.safetensors",
        "classifier.weight",
        "[3, 8]",
        "[5, 8]",
        "classifier.bias",
        "ignore_mismatched_sizes",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let (model, report) = load(&folder, num_labels(5).ignore_mismatched_sizes(true)).unwrap();
    assert_eq!(report.mismatched.len(), 2);
    assert_eq!(report.mismatched[0].expected, [5, 8]);
    assert!(
        report
            .to_string()
            .contains("found shape [3, 8] in the checkpoint and [5, 8]")
    );
    assert_eq!(
        model
            .parameters()
            .get("classifier.weight")
            .unwrap()
            .tensor
            .size(),
        [5, 8]
    );
    assert_eq!(model.config().unwrap().num_labels(), 5);
}

/// What `AutoModelForSequenceClassification.from_pretrained(…, output_loading_info=True)` of Python says of them too.
#[test]
fn buffers_beside_the_weights_are_no_obstacle() {
    let copy = copy_of("tiny_bert_3");
    let path = copy.path().join("model.safetensors");
    let mut tensors = read_tensors(&path);
    for name in ["position_ids", "token_type_ids"] {
        let buffer = Tensor::ones([1, 10], (Kind::Int64, Device::Cpu));
        tensors.push((format!("bert.embeddings.{name}"), buffer));
    }
    Tensor::write_safetensors(&tensors, &path).unwrap();
    let (model, report) = load(copy.path(), ModelOptions::new()).unwrap();
    assert!(report.missing.is_empty() && report.mismatched.is_empty());
    assert_eq!(report.unexpected, ["bert.embeddings.token_type_ids"]);
    assert_equals_fixture(model.as_ref(), "tiny_bert_3");
    let (other, _) = load(&data("tiny_bert_3"), ModelOptions::new()).unwrap();
    other.load_weights(copy.path()).unwrap();
    assert_equals_fixture(other.as_ref(), "tiny_bert_3");
}

#[test]
fn broken_files_are_errors_that_name_the_file_and_what_is_wrong() {
    let whole = fs::read(data("tiny_bert_3").join("model.safetensors")).unwrap();
    let mut longer = whole.clone();
    longer.push(0);
    let mut huge_header = whole.clone();
    huge_header[7] = 0x7f;
    let mut bad_header = whole.clone();
    bad_header[8] = b'[';
    for (bytes, expected) in [
        (whole[..whole.len() - 1].to_vec(), "is cut off"),
        (whole[..100].to_vec(), "its header would take"),
        (whole[..3].to_vec(), "it has 3 bytes"),
        (Vec::new(), "it has 0 bytes"),
        (longer, "has bytes after its last tensor"),
        (huge_header, "its header would take"),
        (bad_header, "its header is not valid"),
    ] {
        let copy = copy_of("tiny_bert_3");
        fs::write(copy.path().join("model.safetensors"), bytes).unwrap();
        let message = refusal(copy.path(), ModelOptions::new());
        assert!(
            message.contains(expected) && message.contains("model.safetensors"),
            "{message}"
        );
    }
}

#[test]
fn a_header_that_claims_more_than_memory_can_hold_is_an_error() {
    let tensor = |start: u64, end: u64| {
        format!(
            r#"{{"dtype":"U8","shape":[{}],"data_offsets":[{start},{end}]}}"#,
            end - start
        )
    };
    let (third, two_thirds, all) = (1 << 60, 1 << 61, u64::MAX);
    for header in [
        format!(r#"{{"a":{}}}"#, tensor(0, two_thirds)),
        format!(r#"{{"a":{},"b":{}}}"#, tensor(0, third), tensor(third, all)),
        format!(r#"{{"a":{},"b":{}}}"#, tensor(0, all), tensor(all, all)),
    ] {
        let copy = copy_of("tiny_bert_3");
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        fs::write(copy.path().join("model.safetensors"), bytes).unwrap();
        let message = refusal(copy.path(), ModelOptions::new());
        assert!(message.contains("model.safetensors"), "{message}");
    }
}

#[test]
fn files_that_are_missing_are_named() {
    let copy = copy_of("tiny_bert_3");
    fs::remove_file(copy.path().join("model.safetensors")).unwrap();
    let message = refusal(copy.path(), ModelOptions::new());
    assert!(
        message.contains("has no model.safetensors or pytorch_model.bin"),
        "{message}"
    );
    fs::remove_file(copy.path().join("config.json")).unwrap();
    assert!(refusal(copy.path(), ModelOptions::new()).contains("has no config.json"));
    let message = refusal(&copy.path().join("absent"), ModelOptions::new());
    assert!(
        message.contains("absent") && message.contains("no file or folder"),
        "{message}"
    );
}

#[test]
fn configurations_that_cannot_be_used_say_why() {
    for (key, value, expected) in [
        (
            "model_type",
            "\"gpt_neox\"",
            "model_type \"gpt_neox\" is not supported; supported are albert, bert",
        ),
        ("model_type", "null", "model_type is missing"),
        ("hidden_size", "\"wide\"", "invalid type: string \"wide\""),
        (
            "hidden_size",
            "9",
            "num_attention_heads 2 does not divide hidden_size 9",
        ),
        (
            "vocab_size",
            "0",
            "vocab_size must be a positive number, found 0",
        ),
        (
            "pad_token_id",
            "20",
            "pad_token_id 20 is outside the vocabulary of 20",
        ),
        (
            "hidden_dropout_prob",
            "1.5",
            "hidden_dropout_prob must be a probability, found 1.5",
        ),
        ("hidden_act", "\"maxout\"", "unknown variant `maxout`"),
        (
            "is_decoder",
            "true",
            "is_decoder and add_cross_attention are not supported",
        ),
        (
            "position_embedding_type",
            "\"relative_key\"",
            "position_embedding_type \"relative_key\"",
        ),
        ("problem_type", "\"ranking\"", "unknown variant `ranking`"),
        (
            "id2label",
            "{\"0\": \"a\", \"x\": \"b\"}",
            "id2label must map numbers to names, found \"x\": \"b\"",
        ),
        ("id2label", "[]", "id2label must map numbers to names"),
    ] {
        let copy = copy_of("tiny_bert_3");
        let path = copy.path().join("config.json");
        let mut config: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        config[key] = serde_json::from_str(value).unwrap();
        fs::write(&path, config.to_string()).unwrap();
        let message = refusal(copy.path(), ModelOptions::new());
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("config.json"), "{message}");
    }
    let copy = copy_of("tiny_bert_3");
    fs::write(copy.path().join("config.json"), "{").unwrap();
    let error = AutoConfig::from_pretrained(copy.path().to_str().unwrap()).unwrap_err();
    assert!(
        error.to_string().contains("config.json is not valid: EOF"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_to_a_file_makes_it_panic(at in 0_usize..9924, byte in any::<u8>(), keep in 0_usize..9924, cut in any::<bool>()) {
        let mut bytes = fs::read(data("tiny_bert_3").join("model.safetensors")).unwrap();
        bytes[at] = byte;
        if cut {
            bytes.truncate(keep);
        }
        let copy = copy_of("tiny_bert_3");
        fs::write(copy.path().join("model.safetensors"), bytes).unwrap();
        let _alone = generator();
        let loaded = load(copy.path(), ModelOptions::new());
        prop_assert!(!cut || loaded.is_err());
    }
}

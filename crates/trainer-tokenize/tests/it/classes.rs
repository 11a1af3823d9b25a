//! What the tokenizer's class decides, whatever `tokenizer.json` says: as Python recorded it
//! (`parity/tokenizer_classes.py`).

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value as Json, json};
use trainer_tokenize::{AutoTokenizer, EncodeOptions, Tokenizer};

fn load(vocabulary: &Json, config: &Json, model_type: Option<&str>) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tokenizer.json"), vocabulary.to_string()).unwrap();
    fs::write(
        folder.path().join("tokenizer_config.json"),
        config.to_string(),
    )
    .unwrap();
    if let Some(model_type) = model_type {
        let model = json!({ "model_type": model_type });
        fs::write(folder.path().join("config.json"), model.to_string()).unwrap();
    }
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap()
}

fn recorded() -> Vec<Json> {
    let path = format!("{}/tests/data/classes.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_class_brings_its_parts_as_in_python() {
    let cases = recorded();
    assert_eq!(cases.len(), 29);
    for case in &cases {
        let tokenizer = load(
            &case["tokenizer"],
            &case["config"],
            case["model_type"].as_str(),
        );
        let (first, second) = (case["texts"][0].as_str(), case["texts"][1].as_str());
        let encoding = tokenizer
            .encode_with(first.unwrap(), second, &EncodeOptions::new())
            .unwrap();
        let expected = case["encoded"].as_object().unwrap();
        // Python gives columns in another order than it names them.
        let names: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        let what = format!("{} {}", case["config"], case["encoded"]);
        let named = tokenizer.model_input_names().iter().map(AsRef::as_ref);
        assert_eq!(named.collect::<BTreeSet<&str>>(), names, "{what}");
        assert_eq!(json!(encoding.ids()), expected["input_ids"], "{what}");
        if let Some(types) = expected.get("token_type_ids") {
            assert_eq!(&json!(encoding.type_ids()), types, "{what}");
        }
        assert_eq!(json!(encoding.offsets()), case["offsets"], "{what}");
    }
}

#[test]
fn a_limit_may_be_written_as_a_float_or_as_none() {
    let vocabulary = &recorded()[0]["tokenizer"];
    for (limit, expected) in [
        (json!(512.0), Some(512)),
        (json!(-1), None),
        (json!(-1.0), None),
        (json!(1e30), None),
        (json!(0), Some(0)),
    ] {
        let config = json!({"tokenizer_class": "BertTokenizer", "model_max_length": limit});
        assert_eq!(
            load(vocabulary, &config, None).model_max_length(),
            expected,
            "{limit}"
        );
    }
}

/// The parts of a text behind the limit are not put together with those of the other.
#[test]
fn long_pairs_are_truncated_in_little_time() {
    let tokenizer = load(
        &recorded()[0]["tokenizer"],
        &json!({"tokenizer_class": "BertTokenizer"}),
        None,
    );
    let long = "hello world ".repeat(20_000);
    let options = EncodeOptions::new().max_length(16).truncation(true);
    let begun = std::time::Instant::now();
    let encoding = tokenizer.encode_with(&long, Some(&long), &options).unwrap();
    assert_eq!(encoding.ids().len(), 16);
    // Each of 6,000 parts of the first with each of the second would take minutes, and all memory.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

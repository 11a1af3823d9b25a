//! Tokenizers of Python's classes give what Python recorded (`parity/tokenizer_class_values.py`): ids, types, masks, offsets, words and
//! decoded texts.

use std::fs;

use serde_json::{Value, json};
use trainer_tokenize::{AutoTokenizer, Tokenizer};

use crate::case;

fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/class_values.json")).unwrap()
}

fn load(entry: &Value) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in entry["files"].as_object().unwrap() {
        fs::write(folder.path().join(name), text.as_str().unwrap()).unwrap();
    }
    AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap()
}

#[test]
fn texts_become_what_python_makes_of_them() {
    let recorded = recorded();
    assert_eq!(recorded.len(), 30);
    for entry in &recorded {
        let tokenizer = load(entry);
        for case in entry["cases"].as_array().unwrap() {
            let found = case::differences(&tokenizer, case);
            let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert!(shown.is_empty(), "{} {}", entry["name"], shown.join("\n"));
        }
    }
}

#[test]
fn what_a_class_says_of_itself() {
    for entry in &recorded() {
        let tokenizer = load(entry);
        let special: serde_json::Map<String, Value> = tokenizer
            .special_tokens()
            .iter()
            .map(|(name, token)| (name.to_owned(), json!(token)))
            .collect();
        let said = json!({
            "limit": tokenizer.model_max_length(),
            "padding_side": tokenizer.padding_side().name(),
            "pad_id": tokenizer.pad_token_id(),
            "special_tokens": special,
            "size": tokenizer.vocab_size(),
        });
        for (what, here) in said.as_object().unwrap() {
            assert_eq!(here, &entry["about"][what], "{} {what}", entry["name"]);
        }
    }
}

//! SentencePiece models become what Python's classes make of them (`parity/sentencepiece_values.py`): ids, types, offsets, words, tokens,
//! decoded texts, and what is saved.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;
use trainer_tokenize::{AutoTokenizer, Error, Tokenizer};

use crate::case;

fn recorded() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/sentencepiece.json")).unwrap()
}

fn model(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentencepiece");
    fs::read(folder.join(format!("{name}.model"))).unwrap()
}

/// A folder with a model and files of JSON.
fn folder(file: &str, model: &[u8], others: &Value) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file), model).unwrap();
    for (name, content) in others.as_object().unwrap() {
        fs::write(folder.path().join(name), content.to_string()).unwrap();
    }
    let path = folder.path().to_owned();
    (folder, path)
}

fn load(path: &Path) -> Result<Tokenizer, Error> {
    AutoTokenizer::from_pretrained(path.to_str().unwrap())
}

fn load_recorded(entry: &Value) -> Tokenizer {
    let model = model(entry["model"].as_str().unwrap());
    let (_folder, path) = folder(entry["file"].as_str().unwrap(), &model, &entry["files"]);
    load(&path).unwrap()
}

/// The entry without its cases.
fn name(entry: &Value) -> String {
    format!("{} {}", entry["model"], entry["files"])
}

fn shown(tokenizer: &Tokenizer, case: &Value) -> Vec<String> {
    let found = case::differences(tokenizer, case);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn texts_become_what_python_makes_of_them() {
    for entry in &recorded() {
        let tokenizer = load_recorded(entry);
        for case in entry["cases"].as_array().unwrap() {
            let found = shown(&tokenizer, case);
            assert!(found.is_empty(), "{} {}", name(entry), found.join("\n"));
            if let Some(tokens) = case["result"]["tokens"].as_array() {
                let encoding = tokenizer.encode(case["text"].as_str().unwrap()).unwrap();
                assert_eq!(&json!(encoding.tokens()), &json!(tokens), "{}", name(entry));
            }
        }
    }
}

#[test]
fn what_a_class_says_of_itself() {
    for entry in &recorded() {
        let tokenizer = load_recorded(entry);
        let special: serde_json::Map<String, Value> = tokenizer
            .special_tokens()
            .iter()
            .map(|(name, token)| (name.to_owned(), json!(token)))
            .collect();
        let about = &entry["about"];
        assert_eq!(
            json!(tokenizer.model_max_length()),
            about["limit"],
            "{}",
            name(entry)
        );
        assert_eq!(
            json!(tokenizer.pad_token_id()),
            about["pad_id"],
            "{}",
            name(entry)
        );
        assert_eq!(
            json!(tokenizer.vocab_size()),
            about["size"],
            "{}",
            name(entry)
        );
        assert_eq!(
            Value::Object(special),
            about["special_tokens"],
            "{}",
            name(entry)
        );
        let extra = &tokenizer.config().extra_special_tokens;
        assert_eq!(&json!(extra), &entry["extra"], "{}", name(entry));
    }
}

/// A map of characters by its length.
fn shortened(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(map) if name == "precompiled_charsmap" => (name, json!(map.len())),
                value => (name, shortened(value)),
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(shortened).collect(),
        value => value,
    }
}

#[test]
fn what_is_saved_is_what_python_saves_and_loads_again() {
    for entry in &recorded() {
        let tokenizer = load_recorded(entry);
        let saved = tempfile::tempdir().unwrap();
        tokenizer.save_pretrained(saved.path()).unwrap();
        let text = fs::read(saved.path().join("tokenizer.json")).unwrap();
        let here = shortened(serde_json::from_slice(&text).unwrap());
        for (part, python) in entry["saved"].as_object().unwrap() {
            assert_eq!(&here[part], python, "{} {part}", name(entry));
        }
        let again = load(saved.path()).unwrap();
        for case in entry["cases"].as_array().unwrap() {
            let found = shown(&again, case);
            assert!(found.is_empty(), "{} {}", name(entry), found.join("\n"));
        }
    }
}

#[test]
fn pairs_are_nothing_that_camembert_takes() {
    let class = json!({"tokenizer_config.json": {"tokenizer_class": "CamembertTokenizer"}});
    let (_folder, path) = folder("sentencepiece.bpe.model", &model("bpe"), &class);
    let error = load(&path).unwrap_err();
    assert!(matches!(error, Error::Vocabulary { .. }), "{error}");
}

/// Files that are no models, or models that ask for too much.
#[test]
fn hostile_models_end_in_an_error_that_names_the_file() {
    let class = json!({"tokenizer_config.json": {"tokenizer_class": "T5Tokenizer"}});
    // A piece without text, of no kind, five million times.
    let many = [0x0a, 0].repeat(5_000_000);
    // A piece "a" that is a control piece.
    let control = [0x0a, 5, 0x0a, 1, b'a', 0x18, 3].repeat(20_000);
    // A piece of a text that is no Unicode.
    let no_text = vec![0x0a, 3, 0x0a, 1, 0xff];
    let groups = vec![0x0b; 100_000];
    let whole = model("t5");
    // A map of characters of one byte, behind a vocabulary.
    let map = [model("roberta"), vec![0x1a, 3, 0x12, 1, 7]].concat();
    let cut = whole[..whole.len() - 7].to_vec();
    for bytes in [
        many,
        control,
        no_text,
        groups,
        cut,
        map,
        b"no model".to_vec(),
    ] {
        let (_folder, path) = folder("spiece.model", &bytes, &class);
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("spiece.model"), "{error}");
    }
}

/// A model of byte pairs, of pieces of so many bytes.
fn byte_pairs(count: u32, length: u32) -> Vec<u8> {
    let varint = |number: u32| {
        [number & 127 | 128, number >> 7 & 127 | 128, number >> 14].map(|part| part as u8)
    };
    let mut bytes = Vec::new();
    for number in 0..count {
        let mut text = number.to_string();
        text.extend(std::iter::repeat_n('a', length as usize - text.len()));
        bytes.push(0x0a);
        bytes.extend(varint(length + 4));
        bytes.push(0x0a);
        bytes.extend(varint(length));
        bytes.extend(text.bytes());
    }
    bytes.extend([0x12, 2, 0x18, 2]);
    bytes
}

#[test]
fn pieces_too_long_to_be_put_together_are_refused() {
    for (count, length, expected) in [
        (
            1,
            1025,
            "a piece of its vocabulary has 1025 bytes, more than 1024",
        ),
        (
            1,
            90_000,
            "a piece of its vocabulary has 90000 bytes, more than 1024",
        ),
        (130, 1024, "too long to be put together"),
    ] {
        let bytes = byte_pairs(count, length);
        let (_folder, path) = folder("tokenizer.model", &bytes, &json!({}));
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_models_do_no_more_than_end_in_an_error(at in 0..7000_usize, byte: u8, cut in 0..8000_usize) {
        for (name, file, class) in [
            ("bpe_bytes", "tokenizer.model", "PreTrainedTokenizerFast"),
            ("rules", "sentencepiece.bpe.model", "CamembertTokenizer"),
        ] {
            let mut bytes = model(name);
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(cut.max(1));
            let class = json!({"tokenizer_config.json": {"tokenizer_class": class}});
            let (_folder, path) = folder(file, &bytes, &class);
            if let Ok(tokenizer) = load(&path) {
                let _ = tokenizer.encode("a cat ﬁne \0 東京");
            }
        }
    }
}

//! Words and their labels become tokens and theirs as `parity/word_labels.py` recorded from transformers.

use crate::support;
use serde_json::{Value, json};
use trainer_data::{Column, Columns, Dataset, Feature};
use trainer_tokenize::{AutoTokenizer, EncodeColumns, EncodeOptions, Tokenizer};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../data/words.json")).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// The cases as a data set: `tokens`, and `tags` of the recorded classes.
fn data(cases: &[&Value], names: &[&str]) -> Dataset {
    let words = cases.iter().map(|case| texts(&case["words"]));
    let tags = cases
        .iter()
        .map(|case| -> Vec<i64> { serde_json::from_value(case["word_labels"].clone()).unwrap() });
    let columns = Columns::new()
        .with("tokens", Column::string_lists(words))
        .with("tags", Column::int_lists(tags));
    let labels = Feature::list(Feature::class_label(names.iter().copied()));
    let data = Dataset::from_columns(columns).unwrap();
    data.cast_column("tags", &labels).unwrap()
}

fn labels(data: &Dataset, encode: EncodeColumns) -> Value {
    let encoded = data.map(encode).unwrap();
    let rows: Vec<usize> = (0..encoded.num_rows()).collect();
    let rows = encoded.rows(&rows).unwrap();
    let column = rows.column("labels").unwrap();
    (0..rows.len())
        .map(|k| json!(column.int_list(k).unwrap()))
        .collect()
}

fn check(tokenizer: &Tokenizer, cases: &[&Value], names: &[&str]) {
    for case in cases {
        let mut options = EncodeOptions::new();
        if let Some(most) = case["max_length"].as_u64() {
            options = options.truncation(true).max_length(most as usize);
        }
        let encoding = tokenizer
            .encode_words(&texts(&case["words"]), &options)
            .unwrap();
        assert_eq!(json!(encoding.ids()), case["input_ids"], "{case}");
        assert_eq!(json!(encoding.word_ids()), case["word_ids"], "{case}");
        assert_eq!(json!(encoding.offsets()), case["offset_mapping"], "{case}");
    }
    let data = data(cases, names);
    let mut encode = tokenizer.single("tokens").word_labels("tags");
    if let Some(most) = cases[0]["max_length"].as_u64() {
        encode = encode.truncation(true).max_length(most as usize);
    }
    let of = |key: &str| -> Value { cases.iter().map(|case| case[key].clone()).collect() };
    assert_eq!(labels(&data, encode.clone()), of("first"));
    assert_eq!(labels(&data, encode.label_all_tokens(true)), of("all"));
}

#[test]
fn tokens_of_words_and_their_labels_equal_pythons() {
    let recorded = recorded();
    let names = texts(&recorded["names"]);
    for (name, cases) in recorded["cases"].as_object().unwrap() {
        let Some(folder) = support::snapshot("models", name) else {
            continue;
        };
        let tokenizer = AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap();
        let cases = cases.as_array().unwrap();
        for whole in [true, false] {
            let of_length = |case: &&Value| case["max_length"].is_null() == whole;
            let cases: Vec<&Value> = cases.iter().filter(of_length).collect();
            assert!(!cases.is_empty(), "{name}");
            check(&tokenizer, &cases, &names);
        }
    }
}

#[test]
fn a_row_with_too_few_labels_is_named() {
    let Some(folder) = support::snapshot("models", support::MODELS[0]) else {
        return;
    };
    let tokenizer = AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap();
    let columns = Columns::new()
        .with("tokens", Column::string_lists([vec!["a"], vec!["b", "c"]]))
        .with("tags", Column::int_lists([vec![0_i64], vec![1]]));
    let data = Dataset::from_columns(columns).unwrap();
    let error = data.map(tokenizer.single("tokens").word_labels("tags"));
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("row 1: the column \"tags\" has 1 labels for 2 words"),
        "{error}"
    );
    let error = data.map(tokenizer.single("tags").is_split_into_words(true));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("\"tags\""), "{error}");
}

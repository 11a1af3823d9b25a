//! Recorded cases as data sets and tokenizers, and batches beside what was recorded.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value as Json};
use tch::{Kind, Tensor};
use tokenizers::models::wordpiece::WordPiece;
use trainer_collate::{Batch, Result};
use trainer_data::{Column, Columns, Dataset, Feature, Value};
use trainer_tokenize::{Side, Tokenizer, TokenizerConfig};

/// Tests that draw from libtorch's generator do so one at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/values.json")).unwrap()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(values) => Value::List(values.iter().map(value).collect()),
        Json::Object(_) => unreachable!(),
    }
}

/// The type of a value; nothing for null and for a list without a typed element.
fn feature(value: &Value) -> Option<Feature> {
    match value {
        Value::Bool(_) => Some(Feature::Bool),
        Value::Int(_) => Some(Feature::Int64),
        Value::Float(_) => Some(Feature::Float64),
        Value::Str(_) => Some(Feature::String),
        Value::List(values) => values.iter().find_map(feature).map(Feature::list),
        _ => None,
    }
}

pub(crate) fn dataset(columns: &Map<String, Json>) -> Dataset {
    let columns: Columns = columns
        .iter()
        .map(|(name, values)| {
            let values: Vec<Value> = values.as_array().unwrap().iter().map(value).collect();
            let feature = values.iter().find_map(feature).unwrap_or(Feature::Null);
            (name.clone(), Column::values(&feature, values).unwrap())
        })
        .collect();
    Dataset::from_columns(columns).unwrap()
}

pub(crate) fn tokenizer(recorded: &Json, options: &Json) -> Tokenizer {
    let words: Vec<&str> = recorded["vocabulary"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect();
    let vocabulary = WordPiece::read_bytes(words.join("\n").as_bytes()).unwrap();
    let model = WordPiece::builder().vocab(vocabulary).build().unwrap();
    let config = TokenizerConfig {
        padding_side: if options["side"] == "left" {
            Side::Left
        } else {
            Side::Right
        },
        model_max_length: options["model_max_length"]
            .as_u64()
            .map(|length| usize::try_from(length).unwrap()),
        ..TokenizerConfig::new("BertTokenizer")
    };
    Tokenizer::from_backend(tokenizers::Tokenizer::new(model), config).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor
        .f_to_kind(Kind::Double)
        .unwrap()
        .f_view([-1])
        .unwrap();
    Vec::try_from(&flat).unwrap()
}

pub(crate) fn compare(case: &Json, batch: Result<Batch>) {
    let name = case["name"].as_str().unwrap();
    let Some(tensors) = case["tensors"].as_object() else {
        assert!(batch.is_err(), "{name}: Python raises {}", case["raises"]);
        return;
    };
    let batch = batch.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(batch.names().eq(tensors.keys()), "{name}: {batch:?}");
    for (key, want) in tensors {
        let tensor = batch.require(key).unwrap();
        let kind = match want["dtype"].as_str().unwrap() {
            "int64" => Kind::Int64,
            "int32" => Kind::Int,
            "float32" => Kind::Float,
            "bool" => Kind::Bool,
            other => panic!("{other}"),
        };
        assert_eq!(tensor.kind(), kind, "{name}: {key}");
        let shape: Vec<i64> = want["shape"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Json::as_i64)
            .collect();
        assert_eq!(tensor.size(), shape, "{name}: {key}");
        let number = |value: &Json| {
            value
                .as_f64()
                .unwrap_or_else(|| f64::from(u8::from(value == &Json::Bool(true))))
        };
        let want: Vec<f64> = want["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(number)
            .collect();
        assert_eq!(values(tensor), want, "{name}: {key}");
    }
}

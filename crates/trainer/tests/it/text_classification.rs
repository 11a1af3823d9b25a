//! `TextClassifier` against what Python's `pipeline("text-classification")` answers on the same folders, recorded by
//! `parity/text_classification.py`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use trainer::models::Compute;
use trainer::pipeline::{FunctionToApply, Label, PipelineOptions, Text};

use crate::support::pipelines::{Folder, classifier};

#[derive(Deserialize)]
struct Recorded {
    config: Value,
    tokenizer: Value,
    words: Vec<String>,
    /// The largest of the outputs that the scores were made of.
    logits: f64,
    empty_second: EmptySecond,
    calls: Vec<Call>,
}

/// What Python says of a text with an empty second one.
#[derive(Deserialize)]
struct EmptySecond {
    text: String,
    in_pipeline: Value,
    in_training: Value,
}

#[derive(Deserialize)]
struct Call {
    texts: Vec<OneOrPair>,
    options: Map<String, Value>,
    answers: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrPair {
    One(String),
    Pair(String, String),
}

impl OneOrPair {
    fn text(&self) -> Text<'_> {
        match self {
            Self::One(text) => Text::new(text),
            Self::Pair(first, second) => Text::pair(first, second),
        }
    }
}

fn recorded() -> BTreeMap<String, Recorded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/text_classification.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn folder(case: &Recorded) -> Folder {
    let folder = Folder::new(&case.config);
    folder.write_words(&case.words, &case.tokenizer);
    folder
}

/// Roundings, in units of 2^-24 of the largest output, by which scores may be apart: through two layers some 300 follow one
/// another, up to 16 in each sum, of which chance leaves about the root. A score is no further apart than its outputs: the
/// slopes of softmax and sigmoid are below 1.
const ROUNDINGS: f64 = 64.0;

fn tolerance(case: &Recorded) -> f64 {
    ROUNDINGS * 2f64.powi(-24) * case.logits.max(1.0)
}

/// Which answers differ from Python's, or what the scores are apart at most, in units of the tolerance.
fn compare(found: &[Label], expected: &[Value], tolerance: f64) -> Result<f64, String> {
    let labels: Vec<&str> = found.iter().map(|answer| answer.label.as_str()).collect();
    let wanted: Vec<&str> = expected
        .iter()
        .map(|answer| answer[0].as_str().unwrap())
        .collect();
    if labels != wanted {
        return Err(format!("{labels:?}, but Python has {wanted:?}"));
    }
    let apart = found.iter().zip(expected).map(|(found, expected)| {
        (f64::from(found.score) - expected[1].as_f64().unwrap()).abs() / tolerance
    });
    Ok(apart.fold(0.0, f64::max))
}

fn options(call: &Call) -> PipelineOptions {
    let number = |name: &str| call.options.get(name)?.as_u64();
    let mut options = PipelineOptions::new();
    if let Some(size) = number("batch_size") {
        options = options.batch_size(size as usize);
    }
    match number("max_length") {
        Some(length) => options.max_length(length as usize),
        None => options,
    }
}

fn answer(folder: &Folder, call: &Call, options: &PipelineOptions) -> Vec<Vec<Label>> {
    let mut classifier = classifier(folder, options);
    if let Some(function) = call.options.get("function_to_apply") {
        classifier = classifier.function_to_apply(match function.as_str().unwrap() {
            "sigmoid" => FunctionToApply::Sigmoid,
            "softmax" => FunctionToApply::Softmax,
            _ => FunctionToApply::None,
        });
    }
    let texts = call.texts.iter().map(OneOrPair::text);
    match call.options.get("top_k") {
        None => {
            let best = classifier.classify(texts).unwrap();
            best.into_iter().map(|label| vec![label]).collect()
        }
        Some(top_k) => {
            let top_k = top_k.as_u64().map(|top_k| top_k as usize);
            classifier.classify_top_k(texts, top_k).unwrap()
        }
    }
}

/// Labels and their order exactly, scores to rounding; whatever the batches and the operations.
#[test]
fn answers_are_those_of_pythons_pipeline() {
    let mut worst = 0.0_f64;
    for (name, case) in recorded() {
        let folder = folder(&case);
        let tolerance = tolerance(&case);
        for (number, call) in case.calls.iter().enumerate() {
            let given = options(call);
            // What is padded on the left stands elsewhere in another batch, in Python too.
            let sizes = match call.options.contains_key("batch_size") {
                true => vec![given],
                false => vec![
                    given.clone().batch_size(1),
                    given.clone().batch_size(3),
                    given,
                ],
            };
            for options in sizes {
                for compute in [Compute::Fast, Compute::Reference] {
                    let options = options.clone().compute(compute);
                    let found = answer(&folder, call, &options);
                    assert_eq!(found.len(), call.answers.len(), "{name}, call {number}");
                    for (found, expected) in found.iter().zip(&call.answers) {
                        let expected = expected.as_array().unwrap();
                        let expected = match expected.first() {
                            Some(Value::String(_)) => &[Value::Array(expected.clone())][..],
                            _ => expected.as_slice(),
                        };
                        let apart = compare(found, expected, tolerance);
                        let apart = apart.unwrap_or_else(|error| {
                            panic!("{name}, call {number}, {options:?}: {error}")
                        });
                        assert!(apart <= 1.0, "{name}, call {number}: {apart} tolerances");
                        worst = worst.max(apart);
                    }
                }
            }
        }
    }
    println!("at most {worst:.3} tolerances apart");
}

/// Python's pipeline drops an empty second text, which its training does not: the model would see what it never saw.
#[test]
fn an_empty_second_text_is_as_in_training() {
    let case = recorded().remove("one of three labels").unwrap();
    let folder = folder(&case);
    let (text, tolerance) = (case.empty_second.text.as_str(), tolerance(&case));
    let classifier = classifier(&folder, &PipelineOptions::new());
    let (pair, alone) = (
        classifier.classify([(text, "")]).unwrap(),
        classifier.classify([text]).unwrap(),
    );
    let apart = |found: &[Label], expected: &Value| {
        compare(found, std::slice::from_ref(expected), tolerance).unwrap_or(f64::INFINITY)
    };
    assert!(apart(&pair, &case.empty_second.in_training) <= 1.0);
    assert!(apart(&alone, &case.empty_second.in_pipeline) <= 1.0);
    assert!(apart(&pair, &case.empty_second.in_pipeline) > 1.0);
}

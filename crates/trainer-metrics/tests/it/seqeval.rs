//! Named entities are counted as seqeval counts them; `parity/seqeval_values.py` recorded its values.

use serde_json::Value;
use trainer_metrics::{Array, EvalPrediction, Metric, Seqeval};

use crate::support::{int, refused};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../data/seqeval.json")).unwrap()
}

fn names<'r>(recorded: &'r Value, case: &Value) -> Vec<&'r str> {
    let names = recorded["names"][case["name"].as_str().unwrap()].as_array();
    names
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect()
}

fn rows(values: &Value) -> Vec<Vec<i64>> {
    serde_json::from_value(values.clone()).unwrap()
}

fn array(rows: &[Vec<i64>]) -> Array {
    Array::int(&[rows.len(), rows[0].len()], rows.concat()).unwrap()
}

/// Scores of which the tag's is the highest.
fn scores(rows: &[Vec<i64>], tags: usize) -> Array {
    let score = |&tag: &i64| (0..tags).map(move |at| if at as i64 == tag { 0.5 } else { -0.5 });
    let scores = rows.iter().flatten().flat_map(score).collect();
    Array::float(&[rows.len(), rows[0].len(), tags], scores).unwrap()
}

#[test]
fn values_equal_seqevals_in_one_batch_and_row_by_row() {
    let recorded = recorded();
    for case in recorded["cases"].as_array().unwrap() {
        let names = names(&recorded, case);
        let (predictions, labels) = (rows(&case["predictions"]), rows(&case["labels"]));
        let expected = case["values"].as_object().unwrap();
        let mut whole = Seqeval::new(&names).with_entity_level(true);
        let batch = EvalPrediction::new(scores(&predictions, names.len()), array(&labels));
        whole.add_batch(&batch).unwrap();
        let mut parts = Seqeval::new(&names).with_entity_level(true);
        for (predicted, labelled) in predictions.chunks(2).zip(labels.chunks(2)) {
            let mut part = Seqeval::new(&names).with_entity_level(true);
            let batch = EvalPrediction::new(array(predicted), array(labelled));
            part.add_batch(&batch).unwrap();
            parts.merge(Box::new(part)).unwrap();
        }
        for metric in [whole, parts] {
            let values = metric.compute().unwrap();
            assert_eq!(values.len(), expected.len(), "{values}");
            for (name, value) in values.iter() {
                let expected = expected[name].as_f64().unwrap();
                assert!((value - expected).abs() < 1e-15, "{case}: {name} {value}");
            }
        }
    }
}

#[test]
fn without_kinds_the_values_are_named_as_in_run_ner() {
    let mut metric = Seqeval::new(["O", "B-PER", "I-PER"]);
    let rows = array(&[vec![0, 1, 2, 0]]);
    metric
        .add_batch(&EvalPrediction::new(rows.clone(), rows))
        .unwrap();
    let values = metric.compute().unwrap();
    let names: Vec<String> = values.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(Some(names), metric.value_names());
    assert!(values.iter().all(|(_, value)| value == 1.0));
}

#[test]
fn a_tag_without_a_name_is_refused() {
    let metric = || Seqeval::new(["O", "B-PER"]);
    let error = refused(metric(), int(&[0, 1, 2]), int(&[0, 1, 1]));
    assert!(
        error.contains("row 2 of the batch has the tag 2"),
        "{error}"
    );
    let error = refused(metric(), int(&[0, 1]), int(&[-1, 1]));
    assert!(
        error.contains("row 0 of the batch has the tag -1"),
        "{error}"
    );
}

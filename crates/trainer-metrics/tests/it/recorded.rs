//! Values equal to scikit-learn's and SciPy's; `parity/metrics_values.py` recorded them.

use serde_json::Value;
use trainer_metrics::{
    Accuracy, Array, Average, EvalPrediction, F1, Matthews, MeanAbsoluteError, MeanSquaredError,
    Metric, Pearson, Precision, Recall, Spearman,
};

fn recorded(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../data/metrics.json")).unwrap();
    all[kind].as_array().unwrap().clone()
}

fn floats(value: &Value) -> Vec<f32> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_f64().unwrap() as f32)
        .collect()
}

fn metric(name: &str) -> Box<dyn Metric> {
    let (metric, average) = name.split_once('_').unwrap_or((name, ""));
    let average = match average {
        "binary" => Average::default(),
        "micro" => Average::Micro,
        "macro" => Average::Macro,
        _ => Average::Weighted,
    };
    match metric {
        "accuracy" => Box::new(Accuracy::new()),
        "matthews" => Box::new(Matthews::new()),
        "precision" => Box::new(Precision::new(average)),
        "recall" => Box::new(Recall::new(average)),
        "f1" => Box::new(F1::new(average)),
        "mse" => Box::new(MeanSquaredError::new()),
        "mae" => Box::new(MeanAbsoluteError::new()),
        "pearsonr" => Box::new(Pearson::new()),
        "spearmanr" => Box::new(Spearman::new()),
        other => panic!("no metric {other}"),
    }
}

/// Checks the recorded values for the whole case at once and for the case in `parts` batches that were merged.
fn check(case: &Value, batches: &[EvalPrediction], tolerance: f64) {
    for (name, expected) in case["values"].as_object().unwrap() {
        let mut whole = metric(name);
        for batch in batches {
            let mut part = metric(name);
            part.add_batch(batch).unwrap();
            whole.merge(part).unwrap();
        }
        let values = whole.compute().unwrap();
        assert_eq!(values.len(), 1);
        let found = values.get(whole.name()).unwrap();
        match expected.as_f64() {
            Some(expected) => assert!(
                (found - expected).abs() <= tolerance * expected.abs().max(1.0),
                "{} {name}: {found}, recorded {expected}",
                case["name"]
            ),
            None => assert!(
                found.is_nan(),
                "{} {name}: {found}, recorded NaN",
                case["name"]
            ),
        }
    }
}

#[test]
fn classification_equals_scikit_learn() {
    for case in recorded("classification") {
        let shape: Vec<usize> = case["shape"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap() as usize)
            .collect();
        let scores = floats(&case["predictions"]);
        let labels: Vec<i64> = case["labels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_i64().unwrap())
            .collect();
        let rows = |start: usize, end: usize| {
            let shape = [&[end - start], &shape[1..]].concat();
            let (width, tail): (usize, _) =
                (shape[1..].iter().product(), &shape[1..shape.len() - 1]);
            let per_row: usize = tail.iter().product();
            EvalPrediction::new(
                Array::float(&shape, scores[start * width..end * width].to_vec()).unwrap(),
                Array::int(
                    &shape[..shape.len() - 1],
                    labels[start * per_row..end * per_row].to_vec(),
                )
                .unwrap(),
            )
        };
        let middle = shape[0] / 2;
        check(&case, &[rows(0, shape[0])], 1e-15);
        check(
            &case,
            &[
                rows(0, 1),
                rows(1, middle.max(1)),
                rows(middle.max(1), shape[0]),
            ],
            1e-15,
        );
    }
}

#[test]
fn regression_equals_scikit_learn_and_scipy() {
    for case in recorded("regression") {
        let (predictions, labels) = (floats(&case["predictions"]), floats(&case["labels"]));
        let rows = |start: usize, end: usize| {
            EvalPrediction::new(
                Array::float(&[end - start, 1], predictions[start..end].to_vec()).unwrap(),
                Array::float(&[end - start], labels[start..end].to_vec()).unwrap(),
            )
        };
        let end = labels.len();
        check(&case, &[rows(0, end)], 1e-12);
        check(
            &case,
            &[rows(0, 1), rows(1, end / 2), rows(end / 2, end)],
            1e-12,
        );
    }
}

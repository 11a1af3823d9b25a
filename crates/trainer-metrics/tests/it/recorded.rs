//! Values equal to scikit-learn's and SciPy's; `parity/metrics_values.py` recorded them.

use serde_json::Value;
use trainer_metrics::{
    Accuracy, Array, Average, EvalPrediction, ExactMatch, F1, Matthews, MeanAbsoluteError,
    MeanSquaredError, Metric, Pearson, Precision, Recall, Spearman,
};

/// The recorded cases of a kind.
fn recorded(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../data/metrics.json")).unwrap();
    all[kind].as_array().unwrap().clone()
}

/// Rows of an array: whole numbers where all recorded values are.
fn rows(values: &Value, shape: &[usize], start: usize, end: usize) -> Array {
    let per_row: usize = shape[1..].iter().product();
    let values = &values.as_array().unwrap()[start * per_row..end * per_row];
    let shape = [&[end - start], &shape[1..]].concat();
    if values.iter().all(Value::is_i64) {
        let whole = values.iter().map(|value| value.as_i64().unwrap());
        return Array::int(&shape, whole.collect()).unwrap();
    }
    let real = values.iter().map(|value| value.as_f64().unwrap() as f32);
    Array::float(&shape, real.collect()).unwrap()
}

/// The rows of a case, cut before the rows `cuts`. Labels have the shape of the predictions or one dimension less.
fn batches(case: &Value, cuts: &[usize]) -> Vec<EvalPrediction> {
    let shape = case["shape"].as_array().unwrap().iter();
    let shape: Vec<usize> = shape.map(|size| size.as_u64().unwrap() as usize).collect();
    let count = |name: &str| case[name].as_array().unwrap().len();
    let same = count("predictions") == count("labels");
    let label_shape = if same {
        &shape
    } else {
        &shape[..shape.len() - 1]
    };
    let bounds = [&[0], cuts, &[shape[0]]].concat();
    let batch = |bounds: &[usize]| {
        EvalPrediction::new(
            rows(&case["predictions"], &shape, bounds[0], bounds[1]),
            rows(&case["labels"], label_shape, bounds[0], bounds[1]),
        )
    };
    bounds.windows(2).map(batch).collect()
}

fn average(name: &str) -> Average {
    match name {
        "binary" => Average::default(),
        "micro" => Average::Micro,
        "macro" => Average::Macro,
        "weighted" => Average::Weighted,
        "samples" => Average::Samples,
        other => panic!("no average {other}"),
    }
}

/// `metric` with the threshold of the case, if it has one.
macro_rules! with_threshold {
    ($metric:expr, $case:expr) => {
        match $case["threshold"].as_f64() {
            Some(threshold) => Box::new($metric.with_threshold(threshold as f32)),
            None => Box::new($metric),
        }
    };
}

fn metric(name: &str, case: &Value) -> Box<dyn Metric> {
    let (kind, last) = name.rsplit_once('_').unwrap_or((name, ""));
    match (name, kind) {
        ("accuracy", _) => with_threshold!(Accuracy::new(), case),
        ("exact_match", _) => with_threshold!(ExactMatch::new(), case),
        ("matthews_correlation", _) => Box::new(Matthews::new()),
        ("mse", _) => Box::new(MeanSquaredError::new()),
        ("mae", _) => Box::new(MeanAbsoluteError::new()),
        ("pearsonr", _) => Box::new(Pearson::new()),
        ("spearmanr", _) => Box::new(Spearman::new()),
        (_, "precision") => with_threshold!(Precision::new(average(last)), case),
        (_, "recall") => with_threshold!(Recall::new(average(last)), case),
        (_, "f1") => with_threshold!(F1::new(average(last)), case),
        _ => panic!("no metric {name}"),
    }
}

/// The value of a metric over batches that were merged one after the other.
fn merged(name: &str, case: &Value, cuts: &[usize]) -> f64 {
    let mut whole = metric(name, case);
    for batch in batches(case, cuts) {
        let mut part = metric(name, case);
        part.add_batch(&batch).unwrap();
        whole.merge(part).unwrap();
    }
    let values = whole.compute().unwrap();
    assert_eq!(values.len(), 1);
    values.get(whole.name()).unwrap()
}

/// Checks the recorded values of a kind, for each case as one batch and as three that were merged.
fn check(kind: &str, tolerance: f64) {
    for case in recorded(kind) {
        let end = case["shape"][0].as_u64().unwrap() as usize;
        for cuts in [&[][..], &[1, (end / 2).max(1)]] {
            for (name, expected) in case["values"].as_object().unwrap() {
                let found = merged(name, &case, cuts);
                let same = match expected.as_f64() {
                    Some(expected) => {
                        (found - expected).abs() <= tolerance * expected.abs().max(1.0)
                    }
                    None => found.is_nan(),
                };
                assert!(
                    same,
                    "{kind}, {} {name}: {found}, recorded {expected}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn classification_equals_scikit_learn() {
    check("classification", 1e-15);
}

#[test]
fn several_labels_a_row_equal_scikit_learn() {
    check("label_sets", 1e-15);
}

#[test]
fn regression_equals_scikit_learn_and_scipy() {
    check("regression", 1e-12);
}

/// What `docs/differences.md` says of single precision. A sum of errors in single precision is off by some roundings
/// (2^-24) of itself; a correlation by some of 1.
#[test]
fn single_precision_differs_from_the_seventh_digit_on() {
    let mut differ = std::collections::BTreeSet::new();
    for case in recorded("regression") {
        for (name, single) in case["single"].as_object().unwrap() {
            let Some(single) = single.as_f64() else {
                continue;
            };
            let double = merged(name, &case, &[]);
            let scale = if name.ends_with('r') { 1.0 } else { double };
            assert!(
                (double - single).abs() < 3e-7 * scale,
                "{} {name}",
                case["name"]
            );
            if (double - single).abs() > 1e-12 * scale {
                differ.insert(name.clone());
            }
        }
    }
    let differ: Vec<String> = differ.into_iter().collect();
    assert_eq!(differ, ["mae", "mse", "pearsonr"]);
}

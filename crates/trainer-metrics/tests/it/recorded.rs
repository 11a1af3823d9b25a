//! Values equal to scikit-learn's and SciPy's; `parity/metrics_values.py` recorded them.

use serde_json::Value;
use trainer_metrics::{
    Accuracy, Array, Average, BalancedAccuracy, BrierScore, ConfusionMatrix, EvalPrediction,
    ExactMatch, F1, LogLoss, Matthews, MeanAbsoluteError, MeanSquaredError, Metric, Metrics,
    MultiClass, Normalize, Pearson, Perplexity, Precision, Recall, RocAuc, Scores, Spearman,
    TopKAccuracy,
};

/// The recorded cases of a kind.
fn recorded(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../data/metrics.json")).unwrap();
    all[kind].as_array().unwrap().clone()
}

fn floats(values: &Value) -> Vec<f64> {
    let values = values.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
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
    let scores = match case["scores"].as_str() {
        Some("probabilities") => Scores::Probabilities,
        _ => Scores::Logits,
    };
    let auc = || RocAuc::new().with_scores(scores);
    match (name, kind) {
        ("balanced_accuracy", _) => Box::new(BalancedAccuracy::new()),
        ("log_loss", _) => Box::new(LogLoss::new().with_scores(scores)),
        ("brier_score", _) => Box::new(BrierScore::new().with_scores(scores)),
        ("top_1_accuracy", _) => Box::new(TopKAccuracy::new(1).unwrap()),
        ("top_2_accuracy", _) => Box::new(TopKAccuracy::new(2).unwrap()),
        ("top_3_accuracy", _) => Box::new(TopKAccuracy::new(3).unwrap()),
        ("roc_auc", _) => Box::new(auc()),
        (_, "roc_auc" | "roc_auc_ovr") => Box::new(auc().with_average(average(last))),
        (_, "roc_auc_ovo") => Box::new(
            auc()
                .with_multi_class(MultiClass::OneVsOne)
                .with_average(average(last)),
        ),
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

/// The values of a metric over batches that were merged one after the other.
fn merged(make: impl Fn() -> Box<dyn Metric>, batches: &[EvalPrediction]) -> Metrics {
    let mut whole = make();
    for batch in batches {
        let mut part = make();
        part.add_batch(batch).unwrap();
        whole.merge(part).unwrap();
    }
    whole.compute().unwrap()
}

/// The only value of the metric called `name` in a case.
fn value(name: &str, case: &Value, cuts: &[usize]) -> f64 {
    let values = merged(|| metric(name, case), &batches(case, cuts));
    assert_eq!(values.len(), 1);
    values.get(metric(name, case).name()).unwrap()
}

/// The case as one batch, and as three.
fn splits(case: &Value) -> [Vec<usize>; 2] {
    let end = case["shape"][0].as_u64().unwrap() as usize;
    [vec![], vec![1, (end / 2).max(1)]]
}

/// Checks the recorded values of a kind, for each case as one batch and as three that were merged.
fn check(kind: &str, tolerance: f64) {
    for case in recorded(kind) {
        for cuts in splits(&case) {
            for (name, expected) in case["values"].as_object().unwrap() {
                let found = value(name, &case, &cuts);
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
            let double = value(name, &case, &[]);
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

/// Softmax and sum round as many times as there are classes, here and in scikit-learn.
#[test]
fn scores_of_classes_equal_scikit_learn() {
    check("class_scores", 1e-14);
    check("one_score", 1e-14);
}

#[test]
fn scores_of_several_labels_equal_scikit_learn() {
    check("label_scores", 1e-14);
}

#[test]
fn confusion_matrices_equal_scikit_learn() {
    for case in recorded("confusion_matrix") {
        for (how, expected) in case["values"].as_object().unwrap() {
            let make = || {
                let classes = case["classes"].as_u64().unwrap_or(0);
                let metric = ConfusionMatrix::new().with_classes(classes as usize);
                match how.as_str() {
                    "true" => metric.with_normalize(Normalize::Labels),
                    "pred" => metric.with_normalize(Normalize::Predictions),
                    "all" => metric.with_normalize(Normalize::All),
                    _ => metric,
                }
            };
            let expected: Vec<f64> = floats(expected);
            for cuts in splits(&case) {
                let mut metric = make();
                for batch in batches(&case, &cuts) {
                    metric.add_batch(&batch).unwrap();
                }
                let matrix = metric.matrix().unwrap();
                let found: Vec<f64> = matrix.iter().copied().collect();
                assert_eq!(found, expected, "{} {how}", case["name"]);
                assert_eq!(
                    matrix.dim(),
                    (metric.classes().len(), metric.classes().len())
                );

                let values = merged(|| Box::new(make()), &batches(&case, &cuts));
                let (names, logged): (Vec<String>, Vec<f64>) = values.into_iter().unzip();
                assert_eq!(logged, expected, "{} {how}", case["name"]);
                let classes = metric.classes();
                let pairs = classes.iter().flat_map(|label| {
                    let named =
                        move |predicted: &i64| format!("confusion_matrix_{label}_as_{predicted}");
                    classes.iter().map(named)
                });
                assert_eq!(names, pairs.collect::<Vec<_>>());
            }
        }
    }
}

/// Losses are float32: a mean of them is off by half a unit of 2^-24 of the losses, its exponential by as much of itself.
#[test]
fn perplexity_is_that_of_all_labels() {
    for case in recorded("perplexity") {
        let sizes = floats(&case["sizes"]);
        let losses = floats(&case["losses"]);
        let mut start = 0;
        let mut parts = Vec::new();
        for (size, loss) in std::iter::zip(sizes, losses) {
            let (rows_here, loss) = (size as usize, loss as f32);
            let shape = floats(&case["shape"]);
            let shape: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
            let mut batch = EvalPrediction::new(
                Array::float(&[rows_here], vec![0.0; rows_here]).unwrap(),
                rows(&case["labels"], &shape, start, start + rows_here),
            );
            batch.losses = Some(Array::float(&[rows_here], vec![loss; rows_here]).unwrap());
            parts.push(batch);
            start += rows_here;
        }
        let expected = case["value"].as_f64().unwrap();
        for batches in [
            parts.clone(),
            vec![EvalPrediction::concatenate(&parts, -100).unwrap()],
        ] {
            let found = merged(|| Box::new(Perplexity::new()), &batches);
            let found = found.get("perplexity").unwrap();
            assert!(
                (found / expected - 1.0).abs() < 1e-6,
                "{}: {found}, recorded {expected}",
                case["name"]
            );
        }
    }
}

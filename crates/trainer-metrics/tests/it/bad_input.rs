//! What is wrong gets one clear error.

use trainer_metrics::{
    Accuracy, Array, Average, EvalPrediction, F1, GLUE_TASKS, IntoMetric, Matthews,
    MeanSquaredError, Metric, MetricError, MetricGroup, Metrics, Pearson, Precision, Recall,
    Spearman, glue_metric,
};

fn float(shape: &[usize]) -> Array {
    Array::float(shape, vec![0.5; shape.iter().product()]).unwrap()
}

fn int(values: &[i64]) -> Array {
    Array::int(&[values.len()], values.to_vec()).unwrap()
}

fn refused(mut metric: impl Metric, predictions: Array, labels: Array) -> String {
    metric
        .add_batch(&EvalPrediction::new(predictions, labels))
        .unwrap_err()
        .to_string()
}

#[test]
fn arrays_of_the_wrong_length() {
    let error = Array::float(&[2, 3], vec![0.0; 5]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an array of shape [2, 3] holds 6 values, found 5"
    );
    assert!(Array::int(&[usize::MAX, usize::MAX], vec![1]).is_err());
    assert_eq!(Array::int(&[0, 4], vec![]).unwrap().num_rows(), 0);
}

#[test]
fn predictions_and_labels_that_do_not_go_together() {
    assert_eq!(
        refused(Accuracy::new(), float(&[3, 2]), int(&[0, 1])),
        "3 predictions but 2 labels"
    );
    for (shape, labels) in [(&[2, 3, 4][..], int(&[0, 1])), (&[2, 0], int(&[0, 1]))] {
        let message = refused(Accuracy::new(), float(shape), labels);
        assert!(
            message.contains(&format!("{shape:?}")) && message.contains("[2]"),
            "{message}"
        );
    }
    let message = refused(Pearson::new(), float(&[2, 3]), float(&[2]));
    assert!(message.contains("[2, 3]"), "{message}");
    let message = refused(MeanSquaredError::new(), float(&[4]), float(&[4, 2]));
    assert!(message.contains("[4, 2]"), "{message}");
}

#[test]
fn one_column_is_squeezed_and_several_are_arg_maxed() {
    let mut metric = Accuracy::new();
    let squeezed = Array::float(&[3, 1], vec![1.0, 0.0, 2.0]).unwrap();
    metric
        .add_batch(&EvalPrediction::new(squeezed, int(&[1, 0, 0])))
        .unwrap();
    let nan = Array::float(&[2, 3], vec![0.0, f32::NAN, 9.0, f32::NAN, f32::NAN, 0.0]).unwrap();
    metric
        .add_batch(&EvalPrediction::new(nan, int(&[1, 0])))
        .unwrap();
    let scores = Array::int(&[1, 3], vec![4, 9, 9]).unwrap();
    metric
        .add_batch(&EvalPrediction::new(scores, int(&[1])))
        .unwrap();
    assert_eq!(metric.compute().unwrap().get("accuracy"), Some(5.0 / 6.0));
}

#[test]
fn what_is_not_a_class() {
    let labels = Array::float(&[2], vec![1.0, 0.5]).unwrap();
    let message = refused(Accuracy::new(), float(&[2, 2]), labels);
    assert_eq!(
        message,
        "label 1 is 0.5, which is not a class: expected a whole number; scores of labels of 0 and 1 need a metric \
         with_threshold"
    );
    let message = refused(
        Accuracy::new(),
        Array::float(&[1], vec![f32::NAN]).unwrap(),
        int(&[0]),
    );
    assert!(message.starts_with("prediction 0 is NaN"), "{message}");
}

#[test]
fn nothing_to_compute_from() {
    for task in GLUE_TASKS {
        let error = glue_metric(task).unwrap().compute().unwrap_err();
        assert!(
            matches!(error, MetricError::TooFew { found: 0, .. }),
            "{task}: {error}"
        );
    }
    let mut accuracy = Accuracy::new();
    accuracy
        .add_batch(&EvalPrediction::new(float(&[2, 2]), int(&[-100, -100])))
        .unwrap();
    let message = accuracy.compute().unwrap_err().to_string();
    assert_eq!(
        message,
        "accuracy needs at least 1 labelled examples, found 0"
    );
    let mut spearman = Spearman::new();
    spearman
        .add_batch(&EvalPrediction::new(float(&[1]), float(&[1])))
        .unwrap();
    assert!(matches!(
        spearman.compute(),
        Err(MetricError::TooFew {
            needed: 2,
            found: 1,
            ..
        })
    ));
}

#[test]
fn a_binary_average_needs_two_classes() {
    let mut metric = F1::default();
    metric
        .add_batch(&EvalPrediction::new(int(&[0, 1, 2]), int(&[0, 1, 2])))
        .unwrap();
    let message = metric.compute().unwrap_err().to_string();
    assert_eq!(
        message,
        "f1 with a binary average needs two classes, one of them 1; found [0, 1, 2]: name the positive class in \
         Average::Binary, or take another average, such as Average::Macro"
    );
    metric.reset();
    metric
        .add_batch(&EvalPrediction::new(int(&[0, 2]), int(&[2, 2])))
        .unwrap();
    assert!(matches!(
        metric.compute(),
        Err(MetricError::NotBinary { positive: 1, .. })
    ));
    metric.reset();
    metric
        .add_batch(&EvalPrediction::new(int(&[0, 0]), int(&[0, 0])))
        .unwrap();
    assert_eq!(metric.compute().unwrap().get("f1"), Some(0.0));
}

#[test]
fn nan_in_a_regression_is_nan() {
    let nan = || Array::float(&[3], vec![1.0, f32::NAN, 3.0]).unwrap();
    let metrics: [Box<dyn Metric>; 3] = [
        Box::new(MeanSquaredError::new()),
        Box::new(Pearson::new()),
        Box::new(Spearman::new()),
    ];
    for mut metric in metrics {
        let labels = Array::float(&[3], vec![1.0, 2.0, 4.0]).unwrap();
        metric
            .add_batch(&EvalPrediction::new(nan(), labels))
            .unwrap();
        let value = metric.compute().unwrap().get(metric.name()).unwrap();
        assert!(value.is_nan(), "{}: {value}", metric.name());
    }
}

#[test]
fn only_the_same_metric_merges() {
    let message = Accuracy::new()
        .merge(Box::new(Pearson::new()))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cannot merge pearsonr into accuracy"),
        "{message}"
    );
    let message = Precision::new(Average::Micro)
        .merge(Box::new(Precision::new(Average::Macro)))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("Macro") && message.contains("Micro"),
        "{message}"
    );
    let mut mrpc = glue_metric("mrpc").unwrap();
    assert!(mrpc.merge(Box::new(glue_metric("cola").unwrap())).is_err());
    assert!(mrpc.merge(Box::new(glue_metric("mrpc").unwrap())).is_ok());
    let renamed = MetricGroup::new("mrpc").with(Accuracy::new());
    assert!(mrpc.merge(Box::new(renamed)).is_err());
}

#[test]
fn boxes_of_metrics_merge_however_they_are_boxed() {
    let batch = EvalPrediction::new(int(&[1, 0]), int(&[1, 1]));
    let boxed = || -> Box<dyn Metric> {
        let mut metric: Box<dyn Metric> = Box::new(Accuracy::new());
        metric.add_batch(&batch).unwrap();
        metric
    };
    let mut twice: Box<dyn Metric> = Box::new(boxed());
    twice.merge(boxed()).unwrap();
    twice.merge(Box::new(boxed())).unwrap();
    let mut all = boxed();
    all.merge(twice).unwrap();
    assert_eq!(all.compute().unwrap().get("accuracy"), Some(0.5));
}

#[test]
fn glue_has_the_names_of_evaluate() {
    for (task, names) in [
        ("cola", &["matthews_correlation"][..]),
        ("sst2", &["accuracy"]),
        ("mrpc", &["accuracy", "f1"]),
        ("qqp", &["accuracy", "f1"]),
        ("stsb", &["pearson", "spearmanr"]),
        ("mnli", &["accuracy"]),
        ("hans", &["accuracy"]),
    ] {
        let mut metric = glue_metric(task).unwrap();
        let labels = if task == "stsb" {
            Array::float(&[2], vec![1.0, 2.0]).unwrap()
        } else {
            int(&[0, 1])
        };
        let predictions = Array::float(&[2], vec![0.0, 1.0]).unwrap();
        metric
            .add_batch(&EvalPrediction::new(predictions, labels))
            .unwrap();
        let values = metric.compute().unwrap();
        let found: Vec<&str> = values.iter().map(|(name, _)| name).collect();
        assert_eq!(found, names, "{task}");
        assert!(
            values.iter().all(|(_, value)| (value - 1.0).abs() < 1e-15),
            "{task}: {values}"
        );
    }
    let message = glue_metric("mprc").unwrap_err().to_string();
    assert!(
        message.contains("\"mprc\"") && message.contains("mrpc, qqp"),
        "{message}"
    );
}

#[test]
fn a_function_sees_all_batches_at_once() {
    let function = |all: &EvalPrediction| {
        if all.predictions.shape() == [3, 2] {
            let labels = all.labels().map_err(|error| error.to_string())?;
            Ok(Metrics::new().with("seen", labels.values().sum()))
        } else {
            Err(format!("shape {:?}", all.predictions.shape()))
        }
    };
    let mut metric = function.into_metric();
    metric
        .add_batch(&EvalPrediction::new(float(&[1, 2]), int(&[5])))
        .unwrap();
    let message = metric.compute().unwrap_err().to_string();
    assert_eq!(message, "the metrics function failed: shape [1, 2]");
    metric
        .add_batch(&EvalPrediction::new(float(&[2, 1]), int(&[7, 8])))
        .unwrap();
    assert_eq!(metric.compute().unwrap().get("seen"), Some(20.0));
    let error = metric
        .add_batch(&EvalPrediction::new(float(&[2, 2]), int(&[1])))
        .unwrap_err();
    assert!(matches!(
        error,
        MetricError::Lengths {
            predictions: 2,
            labels: 1
        }
    ));
    metric.reset();
    assert!(metric.compute().is_err());
}

#[test]
fn arrays_that_cannot_follow_each_other() {
    assert!(Array::concatenate::<Array>(&[], 0).is_err());
    for (one, other) in [
        (float(&[2, 2]), int(&[1])),
        (float(&[2, 2]), Array::int(&[2, 2], vec![0; 4]).unwrap()),
        (float(&[1, 2, 3]), float(&[1, 2, 4])),
        (float(&[]), float(&[])),
    ] {
        let error = Array::concatenate(&[one, other], 0).unwrap_err();
        assert!(matches!(error, MetricError::Concatenate { .. }), "{error}");
    }
}

#[test]
fn errors_are_better_when_lower() {
    assert!(!MeanSquaredError::new().higher_is_better());
    assert!(glue_metric("stsb").unwrap().higher_is_better());
    assert!(
        !MetricGroup::new("errors")
            .with(MeanSquaredError::new())
            .higher_is_better()
    );
    let boxed: Box<dyn Metric> = Box::new(MeanSquaredError::new());
    assert!(!boxed.higher_is_better());
}

#[test]
fn several_labels_a_row_where_they_have_no_meaning() {
    let sets = EvalPrediction::new(
        Array::int(&[2, 3], vec![1, 0, 1, 0, 0, 1]).unwrap(),
        Array::int(&[2, 3], vec![1, 0, 0, 0, 1, 1]).unwrap(),
    );
    let refused: [(Box<dyn Metric>, &str); 4] = [
        (Box::new(Matthews::new()), "matthews_correlation"),
        (Box::new(F1::default()), "f1"),
        (Box::new(Precision::default()), "precision"),
        (Box::new(Recall::default()), "recall"),
    ];
    for (mut metric, name) in refused {
        metric.add_batch(&sets).unwrap();
        let message = metric.compute().unwrap_err().to_string();
        assert!(
            message.starts_with(name) && message.contains("several labels a row"),
            "{message}"
        );
    }
    let mut samples = F1::new(Average::Samples);
    samples
        .add_batch(&EvalPrediction::new(int(&[1, 0]), int(&[1, 1])))
        .unwrap();
    let message = samples.compute().unwrap_err().to_string();
    assert_eq!(
        message,
        "f1 with Samples is not defined for one label a row: take another average, such as Average::Macro"
    );
}

#[test]
fn classes_of_tokens_count_one_by_one() {
    let tokens = |shape: &[usize], predictions: &[i64], labels: &[i64]| {
        EvalPrediction::new(
            Array::int(shape, predictions.to_vec()).unwrap(),
            Array::int(shape, labels.to_vec()).unwrap(),
        )
    };
    let sets = tokens(&[2, 2], &[1, 0, 1, 1], &[1, 0, 0, 1]);
    let others = [
        ("a class", tokens(&[1, 2], &[2, 0], &[0, 0])),
        ("an ignored label", tokens(&[1, 2], &[0, 0], &[-100, 0])),
        ("another length", tokens(&[1, 3], &[0, 0, 1], &[0, 0, 0])),
        ("one label a row", tokens(&[1], &[1], &[0])),
    ];
    for (what, other) in others {
        let mut metric = Accuracy::new();
        metric.add_batch(&sets).unwrap();
        assert_eq!(metric.compute().unwrap().get("accuracy"), Some(0.5));
        metric.add_batch(&other).unwrap();
        let cells = 4 + other
            .labels()
            .unwrap()
            .values()
            .filter(|label| *label != -100.0)
            .count();
        let hits = 3 + std::iter::zip(
            other.logits().unwrap().values(),
            other.labels().unwrap().values(),
        )
        .filter(|(predicted, label)| predicted == label)
        .count();
        let expected = hits as f64 / cells as f64;
        assert_eq!(
            metric.compute().unwrap().get("accuracy"),
            Some(expected),
            "{what}"
        );
    }
    let scores = Array::float(&[1, 2, 2], vec![0.1, 0.9, 0.8, 0.2]).unwrap();
    let mut metric = Accuracy::new();
    metric
        .add_batch(&EvalPrediction::new(
            scores,
            Array::int(&[1, 2], vec![1, 1]).unwrap(),
        ))
        .unwrap();
    assert_eq!(metric.compute().unwrap().get("accuracy"), Some(0.5));
}

#[test]
fn a_threshold_asks_for_a_score_for_each_label_of_0_or_1() {
    let metric = || F1::new(Average::Macro).with_threshold(0.0);
    let labels = Array::float(&[2, 2], vec![0.0, 1.0, 2.0, 1.0]).unwrap();
    let message = refused(metric(), float(&[2, 2]), labels);
    assert!(
        message.starts_with("the label of row 1 of the batch, column 0, is 2, expected 0 or 1: "),
        "{message}"
    );
    let message = refused(metric(), float(&[2, 1]), int(&[1, -1]));
    assert!(
        message.starts_with("the label of row 1 of the batch is -1, expected 0 or 1: "),
        "{message}"
    );
    let ignored = Array::int(&[1, 2], vec![1, -100]).unwrap();
    assert!(refused(metric(), float(&[1, 2]), ignored).contains("-100"));
    let message = refused(metric(), float(&[2, 2]), int(&[0, 1]));
    assert!(message.contains("one value for each label"), "{message}");

    let mut binary = F1::default().with_threshold(0.4);
    binary
        .add_batch(&EvalPrediction::new(float(&[3, 1]), int(&[1, 0, -100])))
        .unwrap();
    assert_eq!(binary.compute().unwrap().get("f1"), Some(2.0 / 3.0));
    assert!(binary.merge(Box::new(F1::default())).is_err());
}

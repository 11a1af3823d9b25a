//! What is wrong gets one clear error.

use trainer_metrics::{
    Accuracy, Array, Average, BalancedAccuracy, BrierScore, ConfusionMatrix, EvalPrediction,
    ExactMatch, F1, GLUE_TASKS, IntoMetric, LogLoss, MeanAbsoluteError, MeanSquaredError, Metric,
    MetricError, MetricGroup, Metrics, Normalize, Pearson, Perplexity, Precision, RocAuc, Scores,
    Spearman, TopKAccuracy, glue_metric,
};

use crate::support::{float, int, refused};

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
fn the_same_metric_set_in_another_way_does_not_merge() {
    let pairs: [(Box<dyn Metric>, Box<dyn Metric>); 5] = [
        (
            Box::new(RocAuc::new()),
            Box::new(RocAuc::new().with_average(Average::Micro)),
        ),
        (
            Box::new(LogLoss::new()),
            Box::new(LogLoss::new().with_scores(Scores::Probabilities)),
        ),
        (
            Box::new(TopKAccuracy::new(2).unwrap()),
            Box::new(TopKAccuracy::new(3).unwrap()),
        ),
        (
            Box::new(ConfusionMatrix::new()),
            Box::new(ConfusionMatrix::new().with_normalize(Normalize::All)),
        ),
        (
            Box::new(ExactMatch::new()),
            Box::new(ExactMatch::new().with_threshold(0.5)),
        ),
    ];
    for (mut metric, other) in pairs {
        let error = metric.merge(other).unwrap_err();
        assert!(matches!(error, MetricError::Merge { .. }), "{error}");
    }
}

#[test]
fn every_metric_says_which_values_are_better_and_shows_itself() {
    let metrics: [(Box<dyn Metric>, bool, &str); 10] = [
        (Box::new(RocAuc::new()), true, "roc_auc"),
        (
            Box::new(TopKAccuracy::new(5).unwrap()),
            true,
            "top_5_accuracy",
        ),
        (Box::new(BalancedAccuracy::new()), true, "balanced_accuracy"),
        (Box::new(ConfusionMatrix::new()), true, "confusion_matrix"),
        (Box::new(ExactMatch::new()), true, "exact_match"),
        (Box::new(LogLoss::new()), false, "log_loss"),
        (Box::new(BrierScore::new()), false, "brier_score"),
        (Box::new(Perplexity::new()), false, "perplexity"),
        (Box::new(MeanSquaredError::new()), false, "mse"),
        (Box::new(MeanAbsoluteError::new()), false, "mae"),
    ];
    for (metric, higher, name) in metrics {
        assert_eq!(metric.higher_is_better(), higher, "{name}");
        // The entries of a confusion matrix depend on the classes that come.
        let known = (name != "confusion_matrix").then(|| vec![name.to_owned()]);
        assert_eq!(metric.value_names(), known);
        assert_eq!(format!("{metric:?}"), name);
        let error = metric.compute().unwrap_err();
        assert!(
            matches!(error, MetricError::TooFew { found: 0, .. }),
            "{error}"
        );
    }
    let group = MetricGroup::new("topics")
        .with(ExactMatch::new())
        .with(F1::default());
    assert_eq!(
        format!("{group:?}"),
        "MetricGroup { name: \"topics\", parts: [Part { metric: exact_match, name: None }, Part { metric: f1, name: None }] }"
    );
}

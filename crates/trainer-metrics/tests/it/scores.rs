//! Scores of classes and losses: what is wrong, and what has no value.

use trainer_metrics::{
    Array, Average, BrierScore, EvalPrediction, LogLoss, Metric, MetricError, MultiClass,
    NamedArrays, Perplexity, RocAuc, Scores, TopKAccuracy,
};

use crate::support::{float, int, refused};

#[test]
fn labels_that_are_not_among_the_classes() {
    let of_scores: [fn() -> Box<dyn Metric>; 4] = [
        || Box::new(RocAuc::new()),
        || Box::new(LogLoss::new()),
        || Box::new(BrierScore::new()),
        || Box::new(TopKAccuracy::new(2).unwrap()),
    ];
    for make in of_scores {
        let message = refused(make(), float(&[2, 3]), int(&[0, 3]));
        assert_eq!(
            message,
            "the label of row 1 of the batch is 3, expected a class from 0 to below 3, as there are 3 scores a row"
        );
        let halves = Array::float(&[1], vec![0.5]).unwrap();
        assert!(refused(make(), float(&[1, 3]), halves).contains("is 0.5, expected"));
    }
    for make in &of_scores[..3] {
        let message = refused(make(), float(&[2, 1]), int(&[1, 2]));
        assert_eq!(
            message,
            "the label of row 1 of the batch is 2, expected 0 or 1: one score a row is that of class 1 of two; number the \
             classes 0 and 1, or give the scores of all classes, [rows, classes]"
        );
    }
    for make in &of_scores[1..] {
        let labels = Array::int(&[2, 2], vec![0, 1, 1, 0]).unwrap();
        let message = refused(make(), float(&[2, 2]), labels);
        assert!(
            message.contains("not defined for several labels a row, found 2"),
            "{message}"
        );
    }
    let labels = Array::int(&[2, 2], vec![0, 1, 1, -100]).unwrap();
    let message = refused(RocAuc::new(), float(&[2, 2]), labels);
    assert!(
        message
            .starts_with("the label of row 1 of the batch, column 1, is -100, expected 0 or 1: "),
        "{message}"
    );
    let message = refused(TopKAccuracy::new(1).unwrap(), float(&[2]), int(&[0, 1]));
    assert!(message.contains("the scores of the classes"), "{message}");
    assert_eq!(
        TopKAccuracy::new(0).unwrap_err().to_string(),
        "top-k accuracy needs a k of at least 1, found 0"
    );
}

#[test]
fn what_is_no_probability() {
    let of = |values: Vec<f32>| Array::float(&[2, 3], values).unwrap();
    let metrics: [fn() -> Box<dyn Metric>; 3] = [
        || Box::new(RocAuc::new().with_scores(Scores::Probabilities)),
        || Box::new(LogLoss::new().with_scores(Scores::Probabilities)),
        || Box::new(BrierScore::new().with_scores(Scores::Probabilities)),
    ];
    for make in metrics {
        let ignored_and_logits = of(vec![9.0, 9.0, 9.0, -1.5, 2.0, 0.5]);
        let message = refused(make(), ignored_and_logits, int(&[-100, 1]));
        assert_eq!(
            message,
            "row 1 of the batch has the probability -1.5, expected one from 0 to 1: for logits, leave out with_scores"
        );
        let message = refused(
            make(),
            of(vec![0.5, 0.25, 0.25, 1.0, 0.5, 0.0]),
            int(&[0, 1]),
        );
        assert!(
            message
                .starts_with("the probabilities of row 1 of the batch sum up to 1.5, expected 1: "),
            "{message}"
        );
    }
}

#[test]
fn scores_that_are_not_numbers_make_the_value_so() {
    let nan = || Array::float(&[2, 3], vec![f32::NAN, 0.0, 1.0, 0.0, 0.5, 1.0]).unwrap();
    let metrics: [Box<dyn Metric>; 3] = [
        Box::new(RocAuc::new().with_average(Average::Weighted)),
        Box::new(LogLoss::new()),
        Box::new(BrierScore::new()),
    ];
    for mut metric in metrics {
        metric
            .add_batch(&EvalPrediction::new(nan(), int(&[0, 1])))
            .unwrap();
        let value = metric.compute().unwrap().get(metric.name()).unwrap();
        assert!(value.is_nan(), "{}: {value}", metric.name());
    }
    let mut highest = TopKAccuracy::new(1).unwrap();
    highest
        .add_batch(&EvalPrediction::new(nan(), int(&[0, 1])))
        .unwrap();
    assert_eq!(highest.compute().unwrap().get("top_1_accuracy"), Some(0.5));
}

#[test]
fn averages_that_roc_auc_has_not() {
    for (metric, suitable) in [
        (RocAuc::new().with_average(Average::Samples), false),
        (RocAuc::new().with_average(Average::default()), false),
        (
            RocAuc::new()
                .with_multi_class(MultiClass::OneVsOne)
                .with_average(Average::Micro),
            false,
        ),
        (RocAuc::new().with_average(Average::Micro), true),
    ] {
        let mut metric = metric;
        metric
            .add_batch(&EvalPrediction::new(float(&[3, 3]), int(&[0, 1, 2])))
            .unwrap();
        let result = metric.compute();
        let refused = matches!(
            result,
            Err(MetricError::UnsuitableAverage {
                metric: "roc_auc",
                ..
            })
        );
        assert_eq!(refused, !suitable, "{result:?}");
    }
}

#[test]
fn rows_of_another_form_than_before() {
    let mut metric = RocAuc::new();
    metric
        .add_batch(&EvalPrediction::new(float(&[1, 3]), int(&[2])))
        .unwrap();
    let ignored = EvalPrediction::new(float(&[1, 2]), int(&[-100]));
    metric.add_batch(&ignored).unwrap();
    let error = metric
        .add_batch(&EvalPrediction::new(float(&[1, 2]), int(&[1])))
        .unwrap_err();
    assert!(matches!(error, MetricError::Concatenate { .. }), "{error}");
    let mut other = RocAuc::new();
    other
        .add_batch(&EvalPrediction::new(float(&[1, 4]), int(&[1])))
        .unwrap();
    assert!(metric.merge(Box::new(other)).is_err());
}

#[test]
fn perplexity_needs_losses() {
    let message = refused(Perplexity::new(), float(&[2, 2]), int(&[0, 1]));
    assert_eq!(
        message,
        "there are no losses: add \"loss\" to include_for_metrics"
    );
    let mut batch = EvalPrediction::new(float(&[2, 2]), int(&[0, 1]));
    batch.losses = Some(float(&[3]));
    assert!(Perplexity::new().add_batch(&batch).is_err());

    let mut metric = Perplexity::new();
    batch.label_ids = NamedArrays::new();
    batch.losses = Some(Array::float(&[2], vec![1000.0, 0.0]).unwrap());
    metric.add_batch(&batch).unwrap();
    assert_eq!(
        metric.compute().unwrap().get("perplexity"),
        Some(500_f64.exp())
    );
    batch.losses = Some(Array::float(&[2], vec![4000.0, 0.0]).unwrap());
    metric.add_batch(&batch).unwrap();
    assert_eq!(
        metric.compute().unwrap().get("perplexity"),
        Some(f64::INFINITY)
    );

    let mut ignored = EvalPrediction::new(float(&[2, 2]), int(&[1, -100]));
    ignored.losses = Some(Array::float(&[2], vec![0.0, f32::NAN]).unwrap());
    metric.reset();
    metric.add_batch(&ignored).unwrap();
    assert_eq!(metric.compute().unwrap().get("perplexity"), Some(1.0));
}

//! Rows of several labels, and what only looks like them.

use trainer_metrics::{
    Accuracy, Array, Average, BalancedAccuracy, ConfusionMatrix, EvalPrediction, F1, Matthews,
    Metric, Precision, Recall,
};

use crate::support::{float, int, refused};

#[test]
fn several_labels_a_row_where_they_have_no_meaning() {
    let sets = EvalPrediction::new(
        Array::int(&[2, 3], vec![1, 0, 1, 0, 0, 1]).unwrap(),
        Array::int(&[2, 3], vec![1, 0, 0, 0, 1, 1]).unwrap(),
    );
    let refused: [(Box<dyn Metric>, &str); 6] = [
        (Box::new(BalancedAccuracy::new()), "balanced_accuracy"),
        (Box::new(ConfusionMatrix::new()), "confusion_matrix"),
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

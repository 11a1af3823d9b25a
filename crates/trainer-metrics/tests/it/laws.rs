//! What holds for every metric: the order of examples, of batches and of merging makes no difference.

use proptest::prelude::*;
use trainer_metrics::{
    Accuracy, Array, Average, BalancedAccuracy, BrierScore, ConfusionMatrix, EvalPrediction,
    ExactMatch, F1, LogLoss, Matthews, MeanAbsoluteError, MeanSquaredError, Metric, MetricGroup,
    Metrics, MultiClass, Normalize, Pearson, Perplexity, Precision, Recall, RocAuc, Scores,
    Spearman, TopKAccuracy, glue_metric,
};

type Make = fn() -> Box<dyn Metric>;

const CLASSIFICATION: &[Make] = &[
    || Box::new(Accuracy::new()),
    || Box::new(ExactMatch::new()),
    || Box::new(Matthews::new()),
    || Box::new(Precision::new(Average::Macro)),
    || Box::new(Recall::new(Average::Weighted)),
    || Box::new(F1::new(Average::Micro)),
    || Box::new(BalancedAccuracy::new()),
    || Box::new(ConfusionMatrix::new()),
    || Box::new(ConfusionMatrix::new().with_normalize(Normalize::Predictions)),
];

/// Of the scores of classes.
const SCORES: &[Make] = &[
    || Box::new(RocAuc::new()),
    || Box::new(RocAuc::new().with_average(Average::Weighted)),
    || Box::new(RocAuc::new().with_average(Average::Micro)),
    || Box::new(RocAuc::new().with_multi_class(MultiClass::OneVsOne)),
    || Box::new(TopKAccuracy::new(1).unwrap()),
    || Box::new(TopKAccuracy::new(2).unwrap()),
    || Box::new(LogLoss::new()),
    || Box::new(BrierScore::new()),
    || Box::new(Accuracy::new()),
];

/// Of one score a row.
const ONE_SCORE: &[Make] = &[
    || Box::new(RocAuc::new()),
    || Box::new(LogLoss::new()),
    || Box::new(BrierScore::new()),
];

const LABEL_SETS: &[Make] = &[
    || Box::new(Accuracy::new().with_threshold(1.0)),
    || Box::new(ExactMatch::new().with_threshold(1.0)),
    || Box::new(Precision::new(Average::Macro).with_threshold(1.0)),
    || Box::new(Recall::new(Average::Weighted).with_threshold(1.0)),
    || Box::new(F1::new(Average::Micro).with_threshold(1.0)),
    || Box::new(F1::new(Average::Samples).with_threshold(1.0)),
    || Box::new(RocAuc::new()),
    || Box::new(RocAuc::new().with_average(Average::Weighted)),
    || Box::new(RocAuc::new().with_average(Average::Micro)),
    || Box::new(RocAuc::new().with_average(Average::Samples)),
];

const REGRESSION: &[Make] = &[
    || Box::new(MeanSquaredError::new()),
    || Box::new(MeanAbsoluteError::new()),
    || Box::new(Pearson::new()),
    || Box::new(Spearman::new()),
    || Box::new(glue_metric("stsb").unwrap()),
];

const LOSSES: &[Make] = &[|| Box::new(Perplexity::new())];

/// What the model said of an example, and what is true.
#[derive(Debug, Clone)]
struct Row {
    predictions: Vec<f32>,
    labels: Vec<i64>,
}

/// Arrays of a kind of metrics.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Chosen classes.
    Classes,
    /// One or several scores, whole numbers as labels.
    Scores,
    /// Real values, eighths as labels.
    Values,
    /// Labels, and the prediction is the loss.
    Losses,
}

fn batch(rows: &[Row], form: Form) -> EvalPrediction {
    let shape = |width: usize| match width {
        1 => vec![rows.len()],
        _ => vec![rows.len(), width],
    };
    let (first, predictions) = (
        &rows[0],
        rows.iter().flat_map(|row| row.predictions.clone()),
    );
    let (of_predictions, of_labels) = (shape(first.predictions.len()), shape(first.labels.len()));
    let labels = rows.iter().flat_map(|row| row.labels.clone());
    let predictions = match form {
        Form::Classes => Array::int(
            &of_predictions,
            predictions.map(|value| value as i64).collect(),
        ),
        Form::Scores | Form::Values | Form::Losses => {
            Array::float(&of_predictions, predictions.collect())
        }
    };
    let labels = match form {
        Form::Values => Array::float(&of_labels, labels.map(|value| value as f32 / 8.0).collect()),
        Form::Scores | Form::Classes | Form::Losses => Array::int(&of_labels, labels.collect()),
    };
    let mut batch = EvalPrediction::new(predictions.unwrap(), labels.unwrap());
    if let Form::Losses = form {
        batch.losses = Some(batch.logits().unwrap().clone());
    }
    batch
}

/// The values over the rows in batches of this size; text where there is an error.
fn of_batches(make: Make, rows: &[Row], size: usize, form: Form) -> Result<Metrics, String> {
    let mut metric = make();
    for rows in rows.chunks(size) {
        metric.add_batch(&batch(rows, form)).unwrap();
    }
    metric.compute().map_err(|error| error.to_string())
}

fn of_parts(make: Make, rows: &[Row], size: usize, form: Form) -> Result<Metrics, String> {
    let mut parts: Vec<Box<dyn Metric>> = vec![make()];
    for rows in rows.chunks(size) {
        let mut part = make();
        part.add_batch(&batch(rows, form)).unwrap();
        parts.push(part);
    }
    while parts.len() > 1 {
        let last = parts.pop().unwrap();
        let middle = parts.len() / 2;
        parts[middle].merge(last).unwrap();
    }
    parts.remove(0).compute().map_err(|error| error.to_string())
}

fn assert_same(one: &Result<Metrics, String>, other: &Result<Metrics, String>) {
    assert_near(one, other, 1e-9);
}

fn assert_near(one: &Result<Metrics, String>, other: &Result<Metrics, String>, tolerance: f64) {
    let (Ok(one), Ok(other)) = (one, other) else {
        assert_eq!(one, other);
        return;
    };
    assert_eq!(one.len(), other.len());
    for ((name, value), (other_name, other)) in one.iter().zip(other.iter()) {
        assert_eq!(name, other_name);
        let same = (value.is_nan() && other.is_nan())
            || (value - other).abs() <= tolerance * value.abs().max(1.0);
        assert!(same, "{name}: {value} and {other}");
    }
}

/// The same rows as whole, in batches, in parts that are merged, in another order, and after a reset.
fn check(makes: &[Make], rows: &[Row], shuffled: &[Row], size: usize, form: Form) {
    for make in makes {
        let whole = of_batches(*make, rows, rows.len(), form);
        assert_same(&whole, &of_batches(*make, rows, size, form));
        assert_same(&whole, &of_parts(*make, rows, size, form));
        assert_same(&whole, &of_batches(*make, shuffled, size, form));
        let mut metric = make();
        metric.add_batch(&batch(shuffled, form)).unwrap();
        metric.reset();
        metric.add_batch(&batch(rows, form)).unwrap();
        let again = metric.compute().map_err(|error| error.to_string());
        assert_eq!(format!("{whole:?}"), format!("{again:?}"));
    }
}

/// Rows of so many predictions and labels, and the same rows in another order.
fn rows(
    (prediction, predictions): (impl Strategy<Value = f32> + 'static, usize),
    (label, labels): (impl Strategy<Value = i64> + 'static, usize),
    least: usize,
) -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    let row = (
        prop::collection::vec(prediction, predictions),
        prop::collection::vec(label, labels),
    )
        .prop_map(|(predictions, labels)| Row {
            predictions,
            labels,
        });
    prop::collection::vec(row, least..60)
        .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
}

/// A class, or now and then the label that is ignored.
fn label_or_none(classes: i64) -> impl Strategy<Value = i64> {
    prop_oneof![9 => 0..classes, 1 => Just(-100)]
}

/// Whole numbers and halves, so that many are equal.
fn scores() -> impl Strategy<Value = f32> {
    (-6_i8..6).prop_map(|value| f32::from(value) / 2.0)
}

fn chosen(classes: u8) -> impl Strategy<Value = f32> {
    (0..classes).prop_map(f32::from)
}

proptest! {
    #[test]
    fn classification_does_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((chosen(5), 1), (0_i64..5, 1), 1),
        size in 1_usize..20,
    ) {
        check(CLASSIFICATION, &rows, &shuffled, size, Form::Classes);
    }

    #[test]
    fn sets_of_labels_do_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((scores(), 3), (0_i64..2, 3), 1),
        size in 1_usize..20,
    ) {
        check(LABEL_SETS, &rows, &shuffled, size, Form::Scores);
    }

    #[test]
    fn scores_of_classes_do_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((scores(), 3), (label_or_none(3), 1), 1),
        size in 1_usize..20,
    ) {
        check(SCORES, &rows, &shuffled, size, Form::Scores);
    }

    #[test]
    fn scores_of_two_classes_do_not_depend_on_order_or_batches(
        (one, one_shuffled) in rows((scores(), 1), (label_or_none(2), 1), 1),
        (two, two_shuffled) in rows((scores(), 2), (label_or_none(2), 1), 1),
        size in 1_usize..20,
    ) {
        check(ONE_SCORE, &one, &one_shuffled, size, Form::Scores);
        check(SCORES, &two, &two_shuffled, size, Form::Scores);
    }

    #[test]
    fn losses_do_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((scores(), 1), (label_or_none(2), 1), 1),
        size in 1_usize..20,
    ) {
        check(LOSSES, &rows, &shuffled, size, Form::Losses);
    }

    /// One score is that of class 1, and the other class has 0: the same as two scores; so are the probabilities of both.
    #[test]
    fn one_score_two_scores_and_probabilities_are_the_same(
        (one, _) in rows((scores(), 1), (0_i64..2, 1), 1),
    ) {
        let with = |scores: fn(f64) -> Vec<f64>| -> Vec<Row> {
            let of = |row: &Row| {
                let scores = scores(row.predictions[0].into());
                let predictions = scores.into_iter().map(|score| score as f32).collect();
                Row { predictions, labels: row.labels.clone() }
            };
            one.iter().map(of).collect()
        };
        let all = Form::Scores;
        let two = with(|score| vec![0.0, score]);
        let makes: [(Make, Make); 3] = [
            (|| Box::new(RocAuc::new()), || Box::new(RocAuc::new().with_scores(Scores::Probabilities))),
            (|| Box::new(LogLoss::new()), || Box::new(LogLoss::new().with_scores(Scores::Probabilities))),
            (|| Box::new(BrierScore::new()), || Box::new(BrierScore::new().with_scores(Scores::Probabilities))),
        ];
        for (of_logits, of_probabilities) in makes {
            let expected = of_batches(of_logits, &one, one.len(), all);
            assert_same(&expected, &of_batches(of_logits, &two, two.len(), all));
            for probabilities in [
                with(|score| vec![1.0 / (1.0 + (-score).exp())]),
                with(|score| vec![1.0 / (1.0 + score.exp()), 1.0 / (1.0 + (-score).exp())]),
            ] {
                let found = of_batches(of_probabilities, &probabilities, probabilities.len(), all);
                assert_near(&expected, &found, 1e-5);
            }
        }
    }

    /// Whether rows are sets of labels or classes of tokens shows late, and in some batches only.
    #[test]
    fn tokens_that_look_like_sets_do_not_depend_on_order_or_batches(
        (mut rows, _) in rows((chosen(2), 2), (0_i64..2, 2), 2),
        (at, value) in (0_usize..60, prop::sample::select(vec![-100_i64, 2, 0])),
        size in 1_usize..20,
    ) {
        let at = at % rows.len();
        rows[at].labels[0] = value;
        let shuffled: Vec<Row> = rows.iter().rev().cloned().collect();
        check(CLASSIFICATION, &rows, &shuffled, size, Form::Classes);
    }

    #[test]
    fn regression_does_not_depend_on_order_or_batches(
        (rows, shuffled) in
            rows(((-1000_i16..1000).prop_map(|value| f32::from(value) / 8.0), 1), (-1000_i64..1000, 1), 2),
        size in 1_usize..20,
    ) {
        check(REGRESSION, &rows, &shuffled, size, Form::Values);
    }

    #[test]
    fn values_stay_in_their_range((rows, _) in rows((chosen(4), 1), (0_i64..4, 1), 2)) {
        let fractions = [&CLASSIFICATION[..7], &CLASSIFICATION[8..]].concat();
        for (makes, form) in [(&fractions[..], Form::Classes), (&REGRESSION[2..], Form::Values)] {
            for make in makes {
                for (name, value) in of_batches(*make, &rows, rows.len(), form).unwrap().iter() {
                    prop_assert!(value.is_nan() || (-1.0..=1.0).contains(&value), "{name}: {value}");
                }
            }
        }
    }

    #[test]
    fn an_ignored_label_is_as_if_it_were_not_there(
        (rows, _) in rows((chosen(3), 1), (0_i64..3, 1), 1),
        ignored in prop::collection::vec((0_usize..60, 0_u8..3), 0..10),
    ) {
        let mut with_ignored = rows.clone();
        for (at, prediction) in ignored {
            let row = Row { predictions: vec![prediction.into()], labels: vec![-100] };
            with_ignored.insert(at.min(with_ignored.len()), row);
        }
        for make in CLASSIFICATION {
            assert_same(
                &of_batches(*make, &rows, rows.len(), Form::Classes),
                &of_batches(*make, &with_ignored, with_ignored.len(), Form::Classes),
            );
        }
    }

    #[test]
    fn concatenating_keeps_every_value_in_its_row(
        rows in prop::collection::vec(prop::collection::vec(0_i64..9, 1..6), 1..12),
    ) {
        let width = rows.iter().map(Vec::len).max().unwrap();
        let arrays: Vec<Array> =
            rows.iter().map(|row| Array::int(&[1, row.len()], row.clone()).unwrap()).collect();
        let expected = rows.iter().flat_map(|row| {
            let mut row = row.clone();
            row.resize(width, -100);
            row
        });
        let all = Array::concatenate(&arrays, -100).unwrap();
        prop_assert_eq!(all, Array::int(&[rows.len(), width], expected.collect()).unwrap());
    }
}

#[test]
fn a_group_gives_the_names_that_it_told_before() {
    let metrics: [Box<dyn Metric>; 3] = [
        Box::new(glue_metric("mrpc").unwrap()),
        Box::new(glue_metric("stsb").unwrap()),
        Box::new(
            MetricGroup::new("both")
                .with_named("f1_micro", F1::new(Average::Micro))
                .with_named("f1_macro", F1::new(Average::Macro)),
        ),
    ];
    for mut metric in metrics {
        let numbers = Array::float(&[3], vec![0.0, 1.0, 1.0]).unwrap();
        let labels = Array::float(&[3], vec![0.0, 1.0, 0.0]).unwrap();
        metric
            .add_batch(&EvalPrediction::new(numbers, labels))
            .unwrap();
        let given: Vec<String> = metric
            .compute()
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(metric.value_names(), Some(given));
    }
}

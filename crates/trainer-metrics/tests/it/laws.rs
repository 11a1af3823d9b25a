//! What holds for every metric: the order of examples, of batches and of merging makes no difference.

use proptest::prelude::*;
use trainer_metrics::{
    Accuracy, Array, Average, EvalPrediction, F1, Matthews, MeanAbsoluteError, MeanSquaredError,
    Metric, Metrics, Pearson, Precision, Recall, Spearman, glue_metric,
};

type Make = fn() -> Box<dyn Metric>;

const CLASSIFICATION: &[Make] = &[
    || Box::new(Accuracy::new()),
    || Box::new(Matthews::new()),
    || Box::new(Precision::new(Average::Macro)),
    || Box::new(Recall::new(Average::Weighted)),
    || Box::new(F1::new(Average::Micro)),
];

const REGRESSION: &[Make] = &[
    || Box::new(MeanSquaredError::new()),
    || Box::new(MeanAbsoluteError::new()),
    || Box::new(Pearson::new()),
    || Box::new(Spearman::new()),
    || Box::new(glue_metric("stsb").unwrap()),
];

#[derive(Debug, Clone, Copy)]
struct Row {
    prediction: f32,
    label: f32,
}

fn batch(rows: &[Row], classes: bool) -> EvalPrediction {
    let shape = [rows.len()];
    let predictions = rows.iter().map(|row| row.prediction);
    let labels = rows.iter().map(|row| row.label);
    if classes {
        let whole = |value: f32| value as i64;
        EvalPrediction::new(
            Array::int(&shape, predictions.map(whole).collect()).unwrap(),
            Array::int(&shape, labels.map(whole).collect()).unwrap(),
        )
    } else {
        EvalPrediction::new(
            Array::float(&shape, predictions.collect()).unwrap(),
            Array::float(&shape, labels.collect()).unwrap(),
        )
    }
}

fn of_batches(make: Make, rows: &[Row], size: usize, classes: bool) -> Metrics {
    let mut metric = make();
    for rows in rows.chunks(size) {
        metric.add_batch(&batch(rows, classes)).unwrap();
    }
    metric.compute().unwrap()
}

fn of_parts(make: Make, rows: &[Row], size: usize, classes: bool) -> Metrics {
    let mut parts: Vec<Box<dyn Metric>> = Vec::new();
    for rows in rows.chunks(size) {
        let mut part = make();
        part.add_batch(&batch(rows, classes)).unwrap();
        parts.push(part);
    }
    while parts.len() > 1 {
        let last = parts.pop().unwrap();
        let middle = parts.len() / 2;
        parts[middle].merge(last).unwrap();
    }
    parts.remove(0).compute().unwrap()
}

fn assert_same(one: &Metrics, other: &Metrics) {
    assert_eq!(one.len(), other.len());
    for ((name, value), (other_name, other)) in one.iter().zip(other.iter()) {
        assert_eq!(name, other_name);
        let same = (value.is_nan() && other.is_nan())
            || (value - other).abs() <= 1e-9 * value.abs().max(1.0);
        assert!(same, "{name}: {value} and {other}");
    }
}

/// The same rows as whole, in batches, in parts that are merged, in another order, and after a reset.
fn check(makes: &[Make], rows: &[Row], shuffled: &[Row], size: usize, classes: bool) {
    for make in makes {
        let whole = of_batches(*make, rows, rows.len(), classes);
        assert_same(&whole, &of_batches(*make, rows, size, classes));
        assert_same(&whole, &of_parts(*make, rows, size, classes));
        assert_same(&whole, &of_batches(*make, shuffled, size, classes));
        let mut metric = make();
        metric.add_batch(&batch(shuffled, classes)).unwrap();
        metric.reset();
        metric.add_batch(&batch(rows, classes)).unwrap();
        assert_eq!(
            format!("{whole:?}"),
            format!("{:?}", metric.compute().unwrap())
        );
    }
}

fn rows(
    value: impl Strategy<Value = f32> + Clone,
    least: usize,
) -> impl Strategy<Value = (Vec<Row>, Vec<Row>)> {
    let row = (value.clone(), value).prop_map(|(prediction, label)| Row { prediction, label });
    prop::collection::vec(row, least..60)
        .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
}

proptest! {
    #[test]
    fn classification_does_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((0_u8..5).prop_map(f32::from), 1),
        size in 1_usize..20,
    ) {
        check(CLASSIFICATION, &rows, &shuffled, size, true);
    }

    #[test]
    fn regression_does_not_depend_on_order_or_batches(
        (rows, shuffled) in rows((-1000_i16..1000).prop_map(|value| f32::from(value) / 8.0), 2),
        size in 1_usize..20,
    ) {
        check(REGRESSION, &rows, &shuffled, size, false);
    }

    #[test]
    fn values_stay_in_their_range((rows, _) in rows((0_u8..4).prop_map(f32::from), 2)) {
        for (makes, classes) in [(CLASSIFICATION, true), (&REGRESSION[2..], false)] {
            for make in makes {
                for (name, value) in of_batches(*make, &rows, rows.len(), classes).iter() {
                    prop_assert!(value.is_nan() || (-1.0..=1.0).contains(&value), "{name}: {value}");
                }
            }
        }
    }

    #[test]
    fn an_ignored_label_is_as_if_it_were_not_there(
        (rows, _) in rows((0_u8..3).prop_map(f32::from), 1),
        ignored in prop::collection::vec((0_usize..60, 0_u8..3), 0..10),
    ) {
        let mut with_ignored = rows.clone();
        for (at, prediction) in ignored {
            let row = Row { prediction: prediction.into(), label: -100.0 };
            with_ignored.insert(at.min(with_ignored.len()), row);
        }
        for make in CLASSIFICATION {
            assert_same(
                &of_batches(*make, &rows, rows.len(), true),
                &of_batches(*make, &with_ignored, with_ignored.len(), true),
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

//! What several files of tests need.

use trainer_metrics::{Array, EvalPrediction, Metric};

pub(crate) fn float(shape: &[usize]) -> Array {
    Array::float(shape, vec![0.5; shape.iter().product()]).unwrap()
}

pub(crate) fn int(values: &[i64]) -> Array {
    Array::int(&[values.len()], values.to_vec()).unwrap()
}

pub(crate) fn refused(mut metric: impl Metric, predictions: Array, labels: Array) -> String {
    metric
        .add_batch(&EvalPrediction::new(predictions, labels))
        .unwrap_err()
        .to_string()
}

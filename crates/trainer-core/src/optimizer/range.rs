use super::error::Result;
use super::{OptimizerError, UpdateRule};

/// The error about a hyper-parameter of the rule `R`.
pub(super) fn out_of_range<R: UpdateRule>(
    name: &'static str,
    value: impl ToString,
    expected: &'static str,
) -> OptimizerError {
    OptimizerError::Config {
        optimizer: R::NAME,
        name,
        value: value.to_string(),
        expected,
    }
}

/// Refuses the first of these hyper-parameters of the rule `R` that is negative or NaN.
pub(super) fn at_least_zero<R: UpdateRule>(numbers: &[(&'static str, f64)]) -> Result<()> {
    let wrong = |(_, value): &&(_, f64)| value.is_nan() || *value < 0.0;
    match numbers.iter().find(wrong) {
        Some((name, value)) => Err(out_of_range::<R>(name, value, "at least 0")),
        None => Ok(()),
    }
}

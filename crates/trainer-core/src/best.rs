use crate::{Error, Logs, Result, TrainingArguments};

/// `metric` as evaluations name it: with `eval_` in front.
pub(crate) fn eval_name(metric: &str) -> String {
    if metric.starts_with("eval_") {
        metric.to_owned()
    } else {
        format!("eval_{metric}")
    }
}

/// The value of `metric_for_best_model` in `metrics` if it is better than `best`; NaN never is.
///
/// # Errors
/// When the evaluation has no such metric; the error lists those it has.
pub(crate) fn improved(
    args: &TrainingArguments,
    metrics: &Logs,
    best: Option<f64>,
) -> Result<Option<f64>> {
    let Some(metric) = args.effective_metric_for_best_model() else {
        return Ok(None);
    };
    let name = eval_name(metric);
    let value = metrics.get_f64(&name).ok_or_else(|| {
        let present: Vec<_> = metrics.names().collect();
        Error::Setup(format!(
            "metric_for_best_model is {metric:?}, but the evaluation has no {name:?}; it has {}",
            present.join(", ")
        ))
    })?;
    let greater = args.effective_greater_is_better() == Some(true);
    let better = best.is_none_or(|best| if greater { value > best } else { value < best });
    Ok((better && !value.is_nan()).then_some(value))
}

use crate::{Error, Logs, Result, TrainingArguments};

/// `metric` as evaluations name it: with `eval_` in front.
pub(crate) fn eval_name(metric: &str) -> String {
    prefixed("eval", metric)
}

/// A value of an evaluation by the name it has in logs: with `{prefix}_` in front.
pub(crate) fn prefixed(prefix: &str, name: &str) -> String {
    let begins = name
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.starts_with('_'));
    match begins {
        true => name.to_owned(),
        false => format!("{prefix}_{name}"),
    }
}

/// Compares `metric_for_best_model` in `metrics` with the best so far, which it becomes if it is better; gives back whether
/// it is. NaN never is. Before the first comparison the best is the worst there could be, an infinity.
///
/// # Errors
/// When the evaluation has no such metric; the error lists those it has.
pub(crate) fn improved(
    args: &TrainingArguments,
    metrics: &Logs,
    best: &mut Option<f64>,
) -> Result<bool> {
    let Some(metric) = args.effective_metric_for_best_model() else {
        return Ok(false);
    };
    let name = eval_name(metric);
    let value = metrics.get_f64(&name).ok_or_else(|| {
        let asked = format!("metric_for_best_model is {metric:?}");
        Error::missing_metric(asked, &name, metrics)
    })?;
    let greater = args.effective_greater_is_better() == Some(true);
    let worst = if greater {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    };
    let best = best.get_or_insert(worst);
    let better = if greater {
        value > *best
    } else {
        value < *best
    };
    if better {
        *best = value;
    }
    Ok(better)
}

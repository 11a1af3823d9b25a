//! Straight lines: the warm-up of nearly all schedules, and those that are nothing else.

/// Warm-up from 0 to 1; `None` once it is over.
pub(super) fn warm_up(step: f64, warmup: f64) -> Option<f64> {
    (step < warmup).then(|| step / warmup.max(1.0))
}

/// How much of the steps after the warm-up is done: 0 at their start, 1 at the end, above 1 later.
pub(super) fn progress(step: f64, warmup: f64, total: f64) -> f64 {
    (step - warmup) / (total - warmup).max(1.0)
}

/// Down to 0 at the last step.
pub(super) fn linear(step: f64, warmup: f64, total: f64) -> f64 {
    warm_up(step, warmup).unwrap_or_else(|| ((total - step) / (total - warmup).max(1.0)).max(0.0))
}

use tch::{Kind, Tensor};

use crate::Result;

/// Labels that do not count.
const IGNORE_INDEX: i64 = -100;

/// The loss with label smoothing, as Hugging Face's `LabelSmoother`: every target gives the share `epsilon` to all classes
/// alike. `logits` are `[…, classes]` float32, `labels` `[…]` int64; a 0-d mean over the labels that are not -100.
pub(crate) fn smoothed_loss(logits: &Tensor, labels: &Tensor, epsilon: f64) -> Result<Tensor> {
    let log_probs = logits.f_log_softmax(-1, None::<Kind>)?.f_neg()?;
    let labels = labels.f_unsqueeze(-1)?;
    let padding = labels.f_eq(IGNORE_INDEX)?;
    let nll = log_probs
        .f_gather(-1, &labels.f_clamp_min(0)?, false)?
        .f_masked_fill(&padding, 0.0)?;
    let smoothed = log_probs
        .f_sum_dim_intlist([-1].as_slice(), true, Kind::Float)?
        .f_masked_fill(&padding, 0.0)?;
    let num_active = padding.f_logical_not()?.f_sum(Kind::Int64)?;
    let classes = logits.size().last().copied().unwrap_or(1);
    let nll = nll.f_sum(None::<Kind>)?.f_div(&num_active)?;
    let smoothed = smoothed
        .f_sum(None::<Kind>)?
        .f_div(&num_active.f_mul_scalar(classes)?)?;
    Ok(nll
        .f_mul_scalar(1.0 - epsilon)?
        .f_add(&smoothed.f_mul_scalar(epsilon)?)?)
}

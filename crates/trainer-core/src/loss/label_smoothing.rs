use tch::{Kind, Tensor};
use trainer_collate::Batch;
use trainer_metrics::IGNORED_LABEL;
use trainer_models::{Model, ModelOutput};

use super::{Criterion, LabelUse, LossShare};
use crate::{Error, Result};

/// Label smoothing, as Hugging Face's `LabelSmoother`: every target gives the share `epsilon` to all classes alike. Takes the
/// outputs `logits`, `[…, classes]`, and the tensor `labels`, `[…]`.
#[derive(Clone, Copy, Debug)]
pub struct LabelSmoothing {
    /// Share of all classes alike in the targets, above 0 and up to 1.
    pub epsilon: f64,
}

impl Criterion for LabelSmoothing {
    fn label_use(&self) -> LabelUse {
        LabelUse::Checked
    }

    fn check_labels(&self, labels: &Batch, model: &dyn Model) -> Result<()> {
        let labels = labels.require("labels")?;
        let refused = |reason| Err(Error::LabelSmoothing(reason));
        if model
            .config()
            .is_some_and(|config| config.num_labels() == 1)
        {
            return refused("the model has one output, which has no other classes to share with");
        }
        if labels.is_floating_point() || labels.kind() == Kind::Bool {
            return refused("the labels are no whole numbers of classes");
        }
        Ok(())
    }

    fn loss(
        &self,
        output: &ModelOutput,
        batch: &Batch,
        share: LossShare,
    ) -> Result<Option<Tensor>> {
        let Some(labels) = batch.get("labels") else {
            return Ok(None);
        };
        let loss = smoothed_loss(output.logits()?, labels, self.epsilon, share.of_step)?;
        Ok(Some(loss))
    }
}

/// `logits` are `[…, classes]` float32, `labels` `[…]` int64; 0-d, the sum over the labels that are not -100 divided by
/// `num_items`.
fn smoothed_loss(logits: &Tensor, labels: &Tensor, epsilon: f64, num_items: i64) -> Result<Tensor> {
    let log_probs = logits.f_log_softmax(-1, None::<Kind>)?.f_neg()?;
    let labels = if labels.dim() + 1 == log_probs.dim() {
        labels.f_unsqueeze(-1)?
    } else {
        labels.shallow_clone()
    };
    let padding = labels.f_eq(IGNORED_LABEL)?;
    let nll = log_probs
        .f_gather(-1, &labels.f_clamp_min(0)?, false)?
        .f_masked_fill(&padding, 0.0)?;
    let smoothed = log_probs
        .f_sum_dim_intlist([-1].as_slice(), true, Kind::Float)?
        .f_masked_fill(&padding, 0.0)?;
    // Python divides by a tensor of float32; this one is filled on the device, which is not waited for.
    let num_items = Tensor::f_full([0_i64; 0], num_items, (Kind::Float, logits.device()))?;
    let classes = logits.size().last().copied().unwrap_or(1);
    let nll = nll.f_sum(None::<Kind>)?.f_div(&num_items)?;
    let smoothed = smoothed
        .f_sum(None::<Kind>)?
        .f_div(&num_items.f_mul_scalar(classes)?)?;
    Ok(nll
        .f_mul_scalar(1.0 - epsilon)?
        .f_add(&smoothed.f_mul_scalar(epsilon)?)?)
}

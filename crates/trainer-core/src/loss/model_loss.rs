use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::ModelOutput;

use super::{Criterion, LabelUse, LossShare};
use crate::Result;

/// The model's own loss.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelLoss;

impl Criterion for ModelLoss {
    fn label_use(&self) -> LabelUse {
        LabelUse::Model
    }

    fn reads_outputs(&self) -> bool {
        false
    }

    fn loss(
        &self,
        output: &ModelOutput,
        _batch: &Batch,
        share: LossShare,
    ) -> Result<Option<Tensor>> {
        let mean = output.loss.as_ref();
        mean.map(|mean| share.of_mean(mean)).transpose()
    }
}

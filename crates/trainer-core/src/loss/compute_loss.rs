use std::fmt;

use tch::Tensor;
use trainer_collate::Batch;
use trainer_data::BoxError;
use trainer_models::{ModelOutput, num_counted_labels};

use super::{Criterion, LabelUse, LossShare};
use crate::{Error, Result};

/// A loss of the user's own as a function: from what the model gave and the whole batch, labels included, on the device, to a
/// 0-d mean over the labels that are not -100.
pub struct ComputeLoss<F>(F);

impl<F> ComputeLoss<F>
where
    F: Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send,
{
    /// The function as a criterion.
    pub fn new(compute: F) -> Self {
        Self(compute)
    }
}

impl<F> fmt::Debug for ComputeLoss<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComputeLoss")
    }
}

impl<F> Criterion for ComputeLoss<F>
where
    F: Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send,
{
    fn label_use(&self) -> LabelUse {
        LabelUse::Own
    }

    fn loss(
        &self,
        output: &ModelOutput,
        batch: &Batch,
        share: LossShare,
    ) -> Result<Option<Tensor>> {
        let mean = (self.0)(output, batch).map_err(Error::ComputeLoss)?;
        Ok(Some(share.of_mean(&mean)?))
    }

    /// Labels that are not -100, of the first column of labels; rows where there are no labels.
    fn num_items(&self, labels: &Batch, _of_model: i64, rows: usize) -> Result<i64> {
        match labels.iter().next() {
            Some((_, labels)) => Ok(num_counted_labels(labels)?),
            None => Ok(i64::try_from(rows).unwrap_or(i64::MAX)),
        }
    }
}

use tch::{Device, Tensor};
use trainer_collate::Batch;
use trainer_data::BoxError;
use trainer_models::{Mode, ModelOutput, num_counted_labels};

use super::Trainer;
use crate::label_smoothing::smoothed_loss;
use crate::{Error, Result};

/// A loss of the user's own: from what the model gave and the whole batch, labels included, on the device, to a 0-d mean
/// over the labels that are not -100.
pub type ComputeLoss = Box<dyn Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send>;

impl Trainer {
    /// Runs the model on a batch in host memory and settles which loss counts: the user's, the smoothed one in training and
    /// evaluation, or the model's. A smoothed loss is a sum over `num_items`, the others are means.
    pub(super) fn compute_loss(
        &self,
        mut batch: Batch,
        mode: Mode,
        num_items: i64,
    ) -> Result<ModelOutput> {
        if let Some(compute_loss) = &self.compute_loss_func {
            let whole = batch.to_device(self.device)?;
            batch.remove("labels");
            let mut output = self.forward(batch, mode)?;
            output.loss = Some(compute_loss(&output, &whole).map_err(Error::ComputeLoss)?);
            return Ok(output);
        }
        let epsilon = self.label_smoothing;
        if epsilon > 0.0
            && let Some(labels) = batch.remove("labels")
        {
            let labels = labels.f_to_device(self.device)?;
            let mut output = self.forward(batch, mode)?;
            output.loss = Some(smoothed_loss(&output.logits, &labels, epsilon, num_items)?);
            return Ok(output);
        }
        self.forward(batch, mode)
    }

    /// Runs the model on a batch in host memory, on the model's device.
    pub(super) fn forward(&self, batch: Batch, mode: Mode) -> Result<ModelOutput> {
        let batch = self.model.prepare_batch(batch)?.to_device(self.device)?;
        Ok(self.model.forward(&batch, mode)?)
    }

    /// Looks at a batch in host memory for what would break the model on a device. Labels for a loss of the user's own are
    /// not the model's to judge.
    pub(super) fn validate_batch(&self, batch: &Batch) -> Result<()> {
        if self.compute_loss_func.is_none() {
            return Ok(self.model.validate_batch(batch)?);
        }
        let mut inputs = batch.to_device(Device::Cpu)?;
        inputs.remove("labels");
        Ok(self.model.validate_batch(&inputs)?)
    }

    /// What the loss of a batch in host memory is a mean over: of a loss of the user's own labels that are not -100, or
    /// rows where there are no labels.
    pub(super) fn loss_items(&self, batch: &Batch) -> Result<i64> {
        match (&self.compute_loss_func, batch.get("labels")) {
            (None, _) => Ok(self.model.loss_items(batch)?),
            (Some(_), Some(labels)) => Ok(num_counted_labels(labels)?),
            (Some(_), None) => Ok(i64::try_from(batch.num_examples()).unwrap_or(i64::MAX)),
        }
    }
}

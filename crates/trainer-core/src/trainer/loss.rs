use tch::Tensor;
use trainer_collate::Batch;
use trainer_data::BoxError;
use trainer_models::{Mode, ModelOutput};

use super::Trainer;
use crate::label_smoothing::smoothed_loss;
use crate::{Error, Result};

/// A loss of the user's own: from what the model gave and the batch (labels included, on the device) to a 0-d mean over
/// the model's [items](trainer_models::Model::loss_items).
pub type ComputeLoss = Box<dyn Fn(&ModelOutput, &Batch) -> Result<Tensor, BoxError> + Send>;

impl Trainer {
    /// Runs the model on a batch that lies on the device and settles which loss counts: the user's, the smoothed one in
    /// training and evaluation, or the model's. A smoothed loss is a sum over `num_items`, the others are means.
    pub(super) fn compute_loss(
        &self,
        mut batch: Batch,
        mode: Mode,
        num_items: i64,
    ) -> Result<ModelOutput> {
        if let Some(compute_loss) = &self.compute_loss_func {
            let mut output = self.model.forward(&batch, mode)?;
            output.loss = Some(compute_loss(&output, &batch).map_err(Error::ComputeLoss)?);
            return Ok(output);
        }
        let epsilon = self.label_smoothing;
        if epsilon > 0.0
            && let Some(labels) = batch.remove("labels")
        {
            let mut output = self.model.forward(&batch, mode)?;
            output.loss = Some(smoothed_loss(&output.logits, &labels, epsilon, num_items)?);
            return Ok(output);
        }
        Ok(self.model.forward(&batch, mode)?)
    }
}

use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::{Model, ModelOutput};

use super::{Criterion, LabelUse, LossShare};
use crate::Result;

/// Another criterion's losses counted as the Python Trainer counts them, errors included: see
/// [`TrainerBuilder::python_losses`](crate::TrainerBuilder::python_losses).
pub(crate) struct PythonLosses(pub(crate) Box<dyn Criterion>);

impl Criterion for PythonLosses {
    fn label_use(&self) -> LabelUse {
        self.0.label_use()
    }

    fn reads_outputs(&self) -> bool {
        self.0.reads_outputs()
    }

    fn loss(
        &self,
        output: &ModelOutput,
        batch: &Batch,
        share: LossShare,
    ) -> Result<Option<Tensor>> {
        self.0.loss(output, batch, share)
    }

    fn weights_means(&self) -> bool {
        false
    }

    fn check_labels(&self, labels: &Batch, model: &dyn Model) -> Result<()> {
        self.0.check_labels(labels, model)
    }

    fn num_items(&self, labels: &Batch, of_model: i64, rows: usize) -> Result<i64> {
        self.0.num_items(labels, of_model, rows)
    }

    fn eval_weight(&self, _items: i64, rows: usize) -> usize {
        rows
    }
}

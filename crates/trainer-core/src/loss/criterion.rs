use tch::Tensor;
use trainer_collate::Batch;
use trainer_models::{Model, ModelOutput};

use crate::Result;

/// Who sees the labels of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelUse {
    /// The model, which gives its own loss.
    Model,
    /// The criterion, after the model has checked and counted them.
    Checked,
    /// The criterion alone: labels of any form. It gets the whole batch, inputs and labels.
    Own,
}

/// What a batch is of its step: the loss of a step is the mean over all items of its batches.
#[derive(Clone, Copy, Debug)]
pub struct LossShare {
    /// Items of the batch: labels that count.
    pub items: i64,
    /// Items of all batches of the step.
    pub of_step: i64,
    /// Batches of the step.
    pub batches: usize,
    /// Whether means are weighted by items; false only for the sums of Python, which does not weight them.
    pub(crate) weighted: bool,
}

impl LossShare {
    /// Of a step of this batch alone, as in an evaluation.
    #[must_use]
    pub fn whole(items: i64) -> Self {
        Self {
            items,
            of_step: items,
            batches: 1,
            weighted: true,
        }
    }

    /// Of the batches of a step, by their items.
    pub(crate) fn of_step(items: &[i64], weighted: bool) -> Vec<Self> {
        let (of_step, batches) = (items.iter().sum(), items.len());
        let share = |&items| Self {
            items,
            of_step,
            batches,
            weighted,
        };
        items.iter().map(share).collect()
    }

    /// What a mean over the batch's items adds to the loss of the step.
    ///
    /// # Errors
    /// libtorch's.
    #[expect(clippy::cast_precision_loss, reason = "labels stay below 2^53")]
    pub fn of_mean(self, mean: &Tensor) -> Result<Tensor> {
        if self.batches == 1 || !self.weighted {
            return Ok(mean.shallow_clone());
        }
        let weight = match self.of_step {
            0 => 1.0 / self.batches as f64,
            of_step => self.items as f64 / of_step as f64,
        };
        Ok(mean.f_mul_scalar(weight)?)
    }

    /// Whether the mean of the batch, over nothing, is no number and other batches of the step have items.
    pub(crate) fn is_nothing(self) -> bool {
        self.weighted && self.items == 0 && self.of_step > 0
    }
}

/// What the loss of a step is: a sum over its items divided by their number, see [`LossShare`].
///
/// The trainer chooses one when it is built: [`ModelLoss`](super::ModelLoss), [`LabelSmoothing`](super::LabelSmoothing) where the
/// arguments ask for it, or the user's, given as a closure or as a criterion.
pub trait Criterion: Send {
    /// Who sees the labels.
    fn label_use(&self) -> LabelUse;

    /// Whether [`loss`](Self::loss) reads the outputs of the model, and not its loss alone. By default it does; where it does not, the
    /// model need not compute outputs that nobody reads.
    fn reads_outputs(&self) -> bool {
        true
    }

    /// What the batch adds to the loss of its step: 0-d, on the device, for the backward pass; `None` where there is no loss
    /// because the batch has no labels. `batch` holds the labels, and the inputs too with [`LabelUse::Own`].
    ///
    /// # Errors
    /// Whatever makes output and labels unusable; the run ends with it.
    fn loss(&self, output: &ModelOutput, batch: &Batch, share: LossShare)
    -> Result<Option<Tensor>>;

    /// Looks for labels of a form that it cannot take, of a batch or of a whole data set, in host memory. By default nothing is
    /// looked at.
    ///
    /// # Errors
    /// When it cannot take them; the error says what it takes.
    fn check_labels(&self, labels: &Batch, model: &dyn Model) -> Result<()> {
        let _ = (labels, model);
        Ok(())
    }

    /// How many things the mean of a batch is over; `labels` lie in host memory, `of_model` is what the model counted. By
    /// default that.
    ///
    /// # Errors
    /// libtorch's.
    fn num_items(&self, labels: &Batch, of_model: i64, rows: usize) -> Result<i64> {
        let _ = (labels, rows);
        Ok(of_model)
    }

    /// Whether the means of a step's batches are weighted by their items, which is right: Python's are not.
    fn weights_means(&self) -> bool {
        true
    }

    /// How much the mean of a batch weighs in the mean of an evaluation. By default its items.
    fn eval_weight(&self, items: i64, rows: usize) -> usize {
        let _ = rows;
        usize::try_from(items).unwrap_or(0)
    }
}

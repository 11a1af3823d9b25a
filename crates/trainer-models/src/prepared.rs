use tch::Device;
use trainer_collate::Batch;

use crate::counted_tokens::CountedTokens;
use crate::{Compute, Layout, Mode, Pass, Reads, Result};

/// A batch that was looked at in host memory and put into the form that a model's forward pass takes, see
/// [`Model::prepare`](crate::Model::prepare).
#[derive(Debug)]
pub struct Prepared {
    inputs: Batch,
    labels: Batch,
    layout: Layout,
    compute: Compute,
    num_items: i64,
    choices: Option<i64>,
    counted: Option<CountedTokens>,
    is_for_loss: bool,
}

impl Prepared {
    /// Inputs, labels and how tokens lie in the inputs. `num_items` is how many things the mean of the batch's loss is over.
    #[must_use]
    pub fn new(
        inputs: Batch,
        labels: Batch,
        (layout, compute): (Layout, Compute),
        num_items: i64,
    ) -> Self {
        Self {
            inputs,
            labels,
            layout,
            compute,
            num_items,
            choices: None,
            counted: None,
            is_for_loss: false,
        }
    }

    /// With so many rows of the inputs for each row of the outputs: see [`Task::spread_choices`](crate::Task::spread_choices).
    #[must_use]
    pub fn with_choices(self, choices: Option<i64>) -> Self {
        Self { choices, ..self }
    }

    /// With the tokens that a loss reads, which [`for_loss_alone`](Self::for_loss_alone) may use.
    pub(crate) fn with_counted(self, counted: Option<CountedTokens>) -> Self {
        Self { counted, ..self }
    }

    /// For who wants the loss and reads no outputs: a model may leave these out, and does where its loss is over few tokens, such as
    /// masked words. The loss and its gradients are the same.
    #[must_use]
    pub fn for_loss_alone(self) -> Self {
        Self {
            is_for_loss: true,
            ..self
        }
    }

    /// The only tokens whose outputs are wanted; `None` for all.
    pub(crate) fn wanted_tokens(&self) -> Option<&CountedTokens> {
        let counted = self.counted.as_ref();
        counted.filter(|_| self.is_for_loss && !self.labels.is_empty())
    }

    /// How many rows of the inputs stand for one row of the outputs; `None` for each its own.
    #[must_use]
    pub fn choices(&self) -> Option<i64> {
        self.choices
    }

    /// What goes into the network.
    #[must_use]
    pub fn inputs(&self) -> &Batch {
        &self.inputs
    }

    /// The labels, by the names of [`Model::label_names`](crate::Model::label_names); empty for a batch without.
    #[must_use]
    pub fn labels(&self) -> &Batch {
        &self.labels
    }

    /// What the layers of a forward pass in this mode are told.
    #[must_use]
    pub fn pass(&self, mode: Mode) -> Pass<'_> {
        Pass {
            mode,
            compute: self.compute,
            layout: &self.layout,
            reads: Reads::AllTokens,
            gradient_checkpointing: false,
        }
    }

    /// How many things the mean of the batch's loss is over: for most models the labels that are not -100. Losses of
    /// several batches are weighted by it, so that accumulation equals the big batch.
    #[must_use]
    pub fn num_items(&self) -> i64 {
        self.num_items
    }

    /// Takes the labels out: the model gives no loss then.
    #[must_use]
    pub fn take_labels(&mut self) -> Batch {
        std::mem::take(&mut self.labels)
    }

    /// With all tensors on `device`, the weights'. Copies from host memory to a GPU are queued: nothing waits for it.
    ///
    /// # Errors
    /// libtorch's, when the device is absent or its memory is full.
    pub fn to_device(&self, device: Device) -> Result<Self> {
        Ok(Self {
            inputs: self.inputs.to_device(device)?,
            labels: self.labels.to_device(device)?,
            layout: self.layout.to_device(device)?,
            compute: self.compute,
            num_items: self.num_items,
            choices: self.choices,
            counted: (self.counted.as_ref())
                .map(|counted| counted.to_device(device))
                .transpose()?,
            is_for_loss: self.is_for_loss,
        })
    }
}

use std::path::Path;

use tch::Tensor;
use trainer_collate::Batch;

use crate::{Parameters, PretrainedConfig, Result};

/// The label that losses leave out.
pub(crate) const IGNORED_LABEL: i64 = -100;

/// How many of `labels`, whatever their shape and type, are not -100.
///
/// # Errors
/// When libtorch refuses the count.
pub fn num_counted_labels(labels: &Tensor) -> Result<i64> {
    let counted = labels.f_ne(IGNORED_LABEL)?;
    Ok(counted.f_sum(tch::Kind::Int64)?.f_int64_value(&[])?)
}

/// Whether a forward pass trains (dropout drops) or evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout drops, with libtorch's global generator.
    Train,
    /// Deterministic.
    Eval,
}

impl Mode {
    /// Whether dropout drops.
    #[must_use]
    pub fn is_train(self) -> bool {
        self == Self::Train
    }
}

/// What a forward pass gives.
#[derive(Debug)]
pub struct ModelOutput {
    /// Mean loss over the batch's [items](Model::loss_items), 0-d, float32; `None` for a batch without labels.
    pub loss: Option<Tensor>,
    /// The head's scores; for sequence classification `[batch, num_labels]`, float32.
    pub logits: Tensor,
}

/// A network that the trainer can train: one required computation, its weights and the columns it takes.
pub trait Model: Send {
    /// Runs the network on a batch that lies on the weights' device.
    ///
    /// # Errors
    /// When the batch lacks a tensor, or libtorch refuses an operation (shapes, memory).
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<ModelOutput>;

    /// The weights.
    fn parameters(&self) -> &Parameters;

    /// Names of the tensors that [`forward`](Self::forward) takes, `labels` included. The trainer drops other columns.
    fn forward_signature(&self) -> &[&str];

    /// The tensor of a batch that counts as its input for `total_flos` and token counts.
    fn main_input_name(&self) -> &str {
        "input_ids"
    }

    /// How many things the mean of [`ModelOutput::loss`] is over. Losses of several batches are weighted by it, so that
    /// accumulation equals the big batch. Called on batches in host memory, so that no device is waited for.
    ///
    /// By default the number of `labels` that are not -100, as Hugging Face's `num_items_in_batch`.
    ///
    /// # Errors
    /// When libtorch refuses the count.
    fn loss_items(&self, batch: &Batch) -> Result<i64> {
        match batch.get("labels") {
            Some(labels) => num_counted_labels(labels),
            None => Ok(0),
        }
    }

    /// Looks for what would break the network on a device, in a batch that still lies in host memory: numbers outside an
    /// embedding table, labels outside the classes. On a GPU such a number ends the process; here it is an error that
    /// names it. By default nothing is looked at.
    ///
    /// # Errors
    /// When the batch cannot be used; the error names the tensor and the value.
    fn validate_batch(&self, batch: &Batch) -> Result<()> {
        let _ = batch;
        Ok(())
    }

    /// Looks for labels that the head cannot take, of a batch or of a whole data set, in host memory; the position in the
    /// error is that in `labels`. By default nothing is looked at.
    ///
    /// # Errors
    /// When a label is no class.
    fn validate_labels(&self, labels: &Tensor) -> Result<()> {
        let _ = labels;
        Ok(())
    }

    /// Takes out of a batch, which still lies in host memory, what the network does better without, such as an
    /// `attention_mask` without padding: `forward` would have to wait for the device to see that. Called last before the
    /// batch moves to the weights' device; without the call results are the same to rounding. By default the batch as it is.
    ///
    /// # Errors
    /// When libtorch refuses an operation.
    fn prepare_batch(&self, batch: Batch) -> Result<Batch> {
        Ok(batch)
    }

    /// What [`save_pretrained`](Self::save_pretrained) writes as `config.json`, with what labels have decided by now;
    /// `None`, the default, for models without one.
    fn config(&self) -> Option<PretrainedConfig> {
        None
    }

    /// Number of elements outside embedding tables, for `total_flos` (6 operations a token and element). By default those
    /// whose names do not end in `embeddings.weight`.
    fn num_non_embedding_elements(&self) -> usize {
        self.parameters()
            .iter()
            .filter(|entry| !entry.name.ends_with("embeddings.weight"))
            .map(|entry| entry.tensor.numel())
            .sum()
    }

    /// Writes what `from_pretrained` needs into the folder `output_dir`, which exists: `config.json` and
    /// `model.safetensors`.
    ///
    /// # Errors
    /// When a file cannot be written; the error names it.
    fn save_pretrained(&self, output_dir: &Path) -> Result<()>;

    /// Replaces the weights by those in the folder `checkpoint` (`model.safetensors`, sharded or not), in place.
    ///
    /// # Errors
    /// When no weights file is there, one is broken, or a weight is missing or has another shape.
    fn load_weights(&self, checkpoint: &Path) -> Result<()>;
}

/// A boxed model is a model, so that what takes one takes any.
impl<M: Model + ?Sized> Model for Box<M> {
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<ModelOutput> {
        (**self).forward(batch, mode)
    }

    fn parameters(&self) -> &Parameters {
        (**self).parameters()
    }

    fn forward_signature(&self) -> &[&str] {
        (**self).forward_signature()
    }

    fn main_input_name(&self) -> &str {
        (**self).main_input_name()
    }

    fn loss_items(&self, batch: &Batch) -> Result<i64> {
        (**self).loss_items(batch)
    }

    fn validate_batch(&self, batch: &Batch) -> Result<()> {
        (**self).validate_batch(batch)
    }

    fn validate_labels(&self, labels: &Tensor) -> Result<()> {
        (**self).validate_labels(labels)
    }

    fn prepare_batch(&self, batch: Batch) -> Result<Batch> {
        (**self).prepare_batch(batch)
    }

    fn config(&self) -> Option<PretrainedConfig> {
        (**self).config()
    }

    fn num_non_embedding_elements(&self) -> usize {
        (**self).num_non_embedding_elements()
    }

    fn save_pretrained(&self, output_dir: &Path) -> Result<()> {
        (**self).save_pretrained(output_dir)
    }

    fn load_weights(&self, checkpoint: &Path) -> Result<()> {
        (**self).load_weights(checkpoint)
    }
}

use std::path::Path;

use tch::Tensor;
use trainer_collate::Batch;

use crate::{Compute, Error, ModelOutput, Parameters, Prepared, PretrainedConfig, Result};

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

/// A network that the trainer can train: it prepares a batch, computes, and tells its weights and the columns it takes.
pub trait Model: Send {
    /// Looks at a batch in host memory and puts it into the form that [`forward`](Self::forward) takes: labels apart,
    /// their items counted, padding masked or taken out. What would break the network on a device (numbers outside an
    /// embedding table, labels outside the classes) is found here: on a GPU such a number ends the process.
    ///
    /// # Errors
    /// When the batch cannot be used; the error names the tensor and the value.
    fn prepare(&self, batch: Batch, compute: Compute) -> Result<Prepared>;

    /// Runs the network on a prepared batch that lies on the weights' device.
    ///
    /// # Errors
    /// When libtorch refuses an operation (memory).
    fn forward(&self, prepared: &Prepared, mode: Mode) -> Result<ModelOutput>;

    /// The weights.
    fn parameters(&self) -> &Parameters;

    /// Names of the tensors that [`prepare`](Self::prepare) takes, labels included. The trainer drops other columns.
    fn forward_signature(&self) -> &[&str];

    /// Names of the tensors that hold labels.
    fn label_names(&self) -> &[&str] {
        &["labels"]
    }

    /// The tensor of a batch that counts as its input for `total_flos` and token counts.
    fn main_input_name(&self) -> &str {
        "input_ids"
    }

    /// Looks for labels that the head cannot take, of a batch or of a whole data set, in host memory; the position in the
    /// error is that in the labels. By default nothing is looked at.
    ///
    /// # Errors
    /// When a label is no class.
    fn validate_labels(&self, labels: &Batch) -> Result<()> {
        let _ = labels;
        Ok(())
    }

    /// What [`save_pretrained`](Self::save_pretrained) writes as `config.json`, with what labels have decided by now;
    /// `None`, the default, for models without one.
    fn config(&self) -> Option<PretrainedConfig> {
        None
    }

    /// Gives the classes the names that the data set has for them, in their order, unless the model has names already, as one that
    /// was trained for them has. Gives back the names it has then; `None`, the default, for models without.
    fn name_labels(&mut self, names: &[String]) -> Option<Vec<String>> {
        let _ = names;
        None
    }

    /// Number of elements outside embedding tables, for `total_flos` (6 operations a token and element).
    fn num_non_embedding_elements(&self) -> usize {
        self.parameters()
            .iter()
            .filter(|entry| !entry.role.in_embedding())
            .map(|entry| entry.tensor.numel())
            .sum()
    }

    /// From now on, when training, layers are computed again in the backward pass instead of being kept: less memory, the same digits,
    /// more time. What Python's method of this name does, and the argument `gradient_checkpointing` asks for.
    ///
    /// # Errors
    /// By default always: a model that has it says so.
    fn gradient_checkpointing_enable(&mut self) -> Result<()> {
        Err(Error::GradientCheckpointing("the model".to_owned()))
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
    fn prepare(&self, batch: Batch, compute: Compute) -> Result<Prepared> {
        (**self).prepare(batch, compute)
    }

    fn forward(&self, prepared: &Prepared, mode: Mode) -> Result<ModelOutput> {
        (**self).forward(prepared, mode)
    }

    fn parameters(&self) -> &Parameters {
        (**self).parameters()
    }

    fn forward_signature(&self) -> &[&str] {
        (**self).forward_signature()
    }

    fn label_names(&self) -> &[&str] {
        (**self).label_names()
    }

    fn main_input_name(&self) -> &str {
        (**self).main_input_name()
    }

    fn validate_labels(&self, labels: &Batch) -> Result<()> {
        (**self).validate_labels(labels)
    }

    fn config(&self) -> Option<PretrainedConfig> {
        (**self).config()
    }

    fn gradient_checkpointing_enable(&mut self) -> Result<()> {
        (**self).gradient_checkpointing_enable()
    }

    fn name_labels(&mut self, names: &[String]) -> Option<Vec<String>> {
        (**self).name_labels(names)
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

use std::path::Path;

use tch::Tensor;
use trainer_collate::Batch;

use crate::{Mode, Parameters, PretrainedConfig, Result};

/// What a model without a head computes.
#[derive(Debug)]
pub struct BaseModelOutput {
    /// A state for every token: `[batch, length, hidden_size]`, float32.
    pub last_hidden_state: Tensor,
    /// A state for the sequence: `[batch, hidden_size]`, float32; `None` for families without a pooler.
    pub pooler_output: Option<Tensor>,
}

/// A pretrained network without a head, as [`AutoModel`](crate::AutoModel) gives it: for loops and heads of one's own.
///
/// Operations are recorded for gradients unless the call stands inside `tch::no_grad`.
pub trait BaseModel: Send {
    /// Runs the network on a batch that lies on the weights' device.
    ///
    /// # Errors
    /// When the batch lacks a tensor or one has a wrong shape, or libtorch refuses an operation.
    fn forward(&self, batch: &Batch, mode: Mode) -> Result<BaseModelOutput>;

    /// The weights.
    fn parameters(&self) -> &Parameters;

    /// The configuration the model was made by.
    fn config(&self) -> &PretrainedConfig;

    /// Writes `config.json` and `model.safetensors` into the folder `output_dir`, made if need be.
    ///
    /// # Errors
    /// When a file cannot be written; the error names it.
    fn save_pretrained(&self, output_dir: &Path) -> Result<()>;

    /// Replaces the weights by those in the folder `checkpoint`, in place.
    ///
    /// # Errors
    /// When no weights file is there, one is broken, or the weights are not exactly this model's.
    fn load_weights(&self, checkpoint: &Path) -> Result<()>;
}

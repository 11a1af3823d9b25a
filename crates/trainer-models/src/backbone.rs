use tch::Tensor;
use trainer_collate::Batch;

use crate::{Pass, Result};

/// What a network without a head computes.
#[derive(Debug)]
#[non_exhaustive]
pub struct BackboneOutput {
    /// A state for every token: `[rows, length, hidden_size]`, or `[tokens, hidden_size]` in a packed layout; float32. One a row,
    /// `[rows, hidden_size]`, where the last layer [narrows](Pass::narrows).
    pub last_hidden_state: Tensor,
    /// A state for every row: `[rows, hidden_size]`, float32; `None` for networks without a pooler.
    pub pooler_output: Option<Tensor>,
}

impl BackboneOutput {
    /// States of tokens, and of rows where there is a pooler.
    #[must_use]
    pub fn new(last_hidden_state: Tensor, pooler_output: Option<Tensor>) -> Self {
        Self {
            last_hidden_state,
            pooler_output,
        }
    }
}

/// The network of a family, without a head: from the tokens of a batch to states.
///
/// A model is a backbone, a [`Head`](crate::Head) and a [`Task`](crate::Task), which
/// [`PretrainedModel`](crate::PretrainedModel) puts together.
pub trait Backbone: std::fmt::Debug + Send {
    /// Names of the tensors that [`forward`](Self::forward) takes, `attention_mask` included; all but the first may be
    /// absent.
    fn input_names(&self) -> &'static [&'static str];

    /// The most tokens of a row, special ones included, that [`prepare`](Self::prepare) takes; `None`, the default, is no limit.
    /// Texts are cut to it where nothing else is said.
    fn max_length(&self) -> Option<usize> {
        None
    }

    /// Looks at inputs in host memory, padded, for numbers outside embedding tables and rows that are too long, and adds
    /// what follows from the padded form, such as `position_ids`. Gives the number of rows and their length.
    ///
    /// # Errors
    /// When the inputs cannot be used; the error names the tensor and the value.
    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]>;

    /// Whether [`forward`](Self::forward) takes the tokens of all rows one after another, [`Layout::Packed`](crate::Layout::Packed), as
    /// [`Compute::Fast`](crate::Compute::Fast) has them where it can. By default it does not, and inputs lie as in the batch.
    fn takes_packed(&self) -> bool {
        false
    }

    /// Whether its attention looks at no more than the [keys](crate::Packed::keys) of a packed row, so that padding may stay in it. By
    /// default it does not, and padding that stays lies as in the batch.
    fn takes_packed_padding(&self) -> bool {
        false
    }

    /// Whether the last layer computes no more than what [`Pass::narrows`] says is read. By default it does not, and is never told to.
    fn can_narrow(&self) -> bool {
        false
    }

    /// Whether layers are computed again in the backward pass where [`Pass::gradient_checkpointing`] says so. By default they are not,
    /// and are never told to.
    fn can_recompute(&self) -> bool {
        false
    }

    /// Runs the network on inputs that lie as `pass` says, on the weights' device.
    ///
    /// # Errors
    /// When libtorch refuses an operation.
    fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<BackboneOutput>;
}

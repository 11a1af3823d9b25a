//! What a model is trained for: its loss, the checks of its labels and the columns that hold them. One file a task.

mod sequence_classification;
mod token_classification;

use trainer_collate::{Batch, NamedTensors};

use crate::{PretrainedConfig, Result};
use tch::Tensor;

pub use sequence_classification::SequenceClassification;
pub use token_classification::TokenClassification;

/// Loss, checks and label columns of a model; its outputs come from a [`Head`](crate::Head).
pub trait Task: std::fmt::Debug + Send {
    /// Names of the tensors that hold labels.
    fn label_names(&self) -> &'static [&'static str] {
        &["labels"]
    }

    /// Whether labels belong to single tokens, `[rows, length, …]`: a token whose label counts is no padding then.
    fn labels_tokens(&self) -> bool {
        false
    }

    /// Refuses labels in host memory that the loss cannot take: on a device the kernel would take the process down.
    ///
    /// # Errors
    /// When a label is no class; the error names it and its place.
    fn check(&self, labels: &Batch) -> Result<()>;

    /// How many things the mean of [`loss`](Self::loss) is over, of labels in host memory.
    ///
    /// # Errors
    /// When libtorch refuses the count.
    fn num_items(&self, labels: &Batch) -> Result<i64>;

    /// The mean loss, 0-d, float32.
    ///
    /// # Errors
    /// When outputs and labels do not go together, or libtorch refuses an operation.
    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor>;

    /// Writes what labels have decided by now into the configuration that is saved. By default nothing.
    fn update_config(&self, config: &mut PretrainedConfig) {
        let _ = config;
    }
}

/// Refuses whole numbers in host memory that are neither 0 to below `num_labels` nor -100.
fn check_classes(labels: &Tensor, num_labels: i64) -> Result<()> {
    use crate::model::IGNORED_LABEL;
    if labels.numel() == 0 {
        return Ok(());
    }
    let flat = labels.f_to_kind(tch::Kind::Int64)?.f_reshape([-1])?;
    let wrong = flat.f_lt(0)?.f_logical_and(&flat.f_ne(IGNORED_LABEL)?)?;
    let wrong = wrong.f_logical_or(&flat.f_ge(num_labels)?)?;
    if wrong.f_any()?.f_int64_value(&[])? == 0 {
        return Ok(());
    }
    let row = wrong
        .f_to_kind(tch::Kind::Uint8)?
        .f_argmax(None, false)?
        .f_int64_value(&[])?;
    Err(crate::Error::LabelOutOfRange {
        row,
        value: flat.f_int64_value(&[row])?,
        num_labels,
    })
}

/// The mean cross entropy over the labels that are not -100: `logits` `[…, num_labels]`, `labels` `[…]`.
fn cross_entropy(logits: &Tensor, labels: &Tensor, num_labels: i64) -> Result<Tensor> {
    let logits = logits.f_view([-1, num_labels])?;
    let labels = labels.f_to_kind(tch::Kind::Int64)?.f_view([-1])?;
    Ok(logits.f_cross_entropy_loss(
        &labels,
        None::<Tensor>,
        tch::Reduction::Mean,
        crate::model::IGNORED_LABEL,
        0.0,
    )?)
}

fn check_same_shape(labels: &Tensor, logits: &Tensor) -> Result<()> {
    if labels.size() == logits.size() {
        return Ok(());
    }
    Err(crate::Error::input(
        "labels",
        format!("{:?}", logits.size()),
        format!("{:?}", labels.size()),
    ))
}

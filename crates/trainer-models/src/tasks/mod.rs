//! What a model is trained for: its loss, the checks of its labels and the columns that hold them. One file a task.

mod masked_lm;
mod multiple_choice;
mod question_answering;
mod sequence_classification;
mod token_classification;

use trainer_collate::{Batch, NamedTensors};

use crate::{PretrainedConfig, Result};
use tch::Tensor;

pub use masked_lm::MaskedLanguageModelling;
pub use multiple_choice::MultipleChoice;
pub use question_answering::QuestionAnswering;
pub use sequence_classification::SequenceClassification;
pub use token_classification::TokenClassification;

/// Loss, checks and label columns of a model; its outputs come from a [`Head`](crate::Head).
pub trait Task: std::fmt::Debug + Send {
    /// Names of the tensors that hold labels.
    fn label_names(&self) -> &'static [&'static str] {
        &["labels"]
    }

    /// How many numbers the head gives for each thing that it scores.
    fn num_outputs(&self) -> i64;

    /// Where rows have several choices, each of which is scored by itself: lays them behind one another, `[rows, choices, …]` to
    /// `[rows * choices, …]`, and gives how many a row has. By default rows have none.
    ///
    /// # Errors
    /// When an input has another form, or a label is no choice.
    fn spread_choices(&self, inputs: &mut Batch, labels: &Batch) -> Result<Option<i64>> {
        let _ = (inputs, labels);
        Ok(None)
    }

    /// Whether labels belong to single tokens, `[rows, length, …]`: a token whose label counts is no padding then.
    fn labels_tokens(&self) -> bool {
        false
    }

    /// Whether the loss is over the outputs of padding too: it stays where there are labels then.
    fn scores_padding(&self) -> bool {
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

/// The first position where `wrong`, flat and in host memory, is true.
fn first_true(wrong: &Tensor) -> Result<Option<i64>> {
    if wrong.numel() == 0 || wrong.f_any()?.f_int64_value(&[])? == 0 {
        return Ok(None);
    }
    let wrong = wrong.f_to_kind(tch::Kind::Uint8)?;
    Ok(Some(wrong.f_argmax(None, false)?.f_int64_value(&[])?))
}

/// Refuses what is in host memory and neither a whole number from 0 to below `num_labels` nor -100.
fn check_classes(labels: &Tensor, num_labels: i64) -> Result<()> {
    use crate::model::IGNORED_LABEL;
    if labels.is_floating_point() {
        let flat = labels.f_reshape([-1])?;
        if let Some(row) = first_true(&flat.f_ne_tensor(&flat.f_floor()?)?)? {
            // As short as the type of the labels allows: 0.9, not 0.8999999761581421.
            #[expect(clippy::cast_possible_truncation, reason = "float32 is what it was")]
            let value = match labels.kind() {
                tch::Kind::Double => flat.f_double_value(&[row])?.to_string(),
                _ => (flat.f_double_value(&[row])? as f32).to_string(),
            };
            return Err(crate::Error::LabelNotWhole { row, value });
        }
    }
    let flat = labels.f_to_kind(tch::Kind::Int64)?.f_reshape([-1])?;
    let wrong = flat.f_lt(0)?.f_logical_and(&flat.f_ne(IGNORED_LABEL)?)?;
    let wrong = wrong.f_logical_or(&flat.f_ge(num_labels)?)?;
    match first_true(&wrong)? {
        None => Ok(()),
        Some(row) => Err(crate::Error::LabelOutOfRange {
            row,
            value: flat.f_int64_value(&[row])?,
            num_labels,
        }),
    }
}

/// Labels as a user would say what they are: `int64 of shape [rows, 3]`.
fn form_of(labels: &Tensor) -> String {
    let kind = match labels.kind() {
        tch::Kind::Bool => "bool",
        tch::Kind::Int => "int32",
        tch::Kind::Int64 => "int64",
        tch::Kind::Double => "float64",
        tch::Kind::Float => "float32",
        _ => "numbers",
    };
    let more: String = labels
        .size()
        .iter()
        .skip(1)
        .map(|size| format!(", {size}"))
        .collect();
    format!("{kind} of shape [rows{more}]")
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

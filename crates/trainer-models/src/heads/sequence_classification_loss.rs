use std::sync::OnceLock;

use tch::{Device, Kind, Reduction, Tensor};

use crate::model::{IGNORED_LABEL, num_counted_labels};
use crate::{Error, PretrainedConfig, ProblemType, Result};

/// The loss of a sequence classification head (`ForSequenceClassificationLoss` of transformers' `loss_utils.py`).
///
/// Without a `problem_type` in the configuration the first labels decide it, for good, as in Python: one output is
/// regression, integer labels are one class a row, others are one 0 or 1 a class.
#[derive(Debug)]
pub(crate) struct SequenceClassificationLoss {
    num_labels: i64,
    problem_type: OnceLock<ProblemType>,
}

impl SequenceClassificationLoss {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        let num_labels = i64::try_from(config.num_labels())
            .map_err(|_| Error::config(config.origin(), "num_labels is too large"))?;
        let problem_type = OnceLock::new();
        if let Some(given) = config.problem_type() {
            problem_type.get_or_init(|| given);
        }
        Ok(Self {
            num_labels,
            problem_type,
        })
    }

    pub(crate) fn num_labels(&self) -> i64 {
        self.num_labels
    }

    /// What the configuration said or labels have decided; `None` before.
    pub(crate) fn problem_type(&self) -> Option<ProblemType> {
        self.problem_type.get().copied()
    }

    /// The mean over the batch's [items](Self::items), 0-d. `logits` is `[batch, num_labels]`, float32.
    pub(crate) fn forward(&self, logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
        if labels.device() == Device::Cpu {
            self.check(labels)?;
        }
        match *self.problem_type.get_or_init(|| self.infer(labels)) {
            ProblemType::Regression => {
                let labels = labels.f_to_kind(logits.kind())?;
                let (logits, labels) = if self.num_labels == 1 {
                    (logits.f_squeeze()?, labels.f_squeeze()?)
                } else {
                    (logits.shallow_clone(), labels)
                };
                check_same_shape(&labels, &logits)?;
                Ok(logits.f_mse_loss(&labels, Reduction::Mean)?)
            }
            ProblemType::SingleLabelClassification => {
                let logits = logits.f_view([-1, self.num_labels])?;
                let labels = labels.f_to_kind(Kind::Int64)?.f_view([-1])?;
                Ok(logits.f_cross_entropy_loss(
                    &labels,
                    None::<Tensor>,
                    Reduction::Mean,
                    IGNORED_LABEL,
                    0.0,
                )?)
            }
            ProblemType::MultiLabelClassification => {
                let labels = labels.f_to_kind(logits.kind())?;
                check_same_shape(&labels, logits)?;
                let none = None::<Tensor>;
                Ok(logits.f_binary_cross_entropy_with_logits(
                    &labels,
                    none,
                    None,
                    Reduction::Mean,
                )?)
            }
        }
    }

    /// How many things the mean is over: labels that are not ignored, or rows, which all have as many numbers.
    pub(crate) fn items(&self, labels: &Tensor) -> Result<i64> {
        match self.known_or_inferred(labels) {
            ProblemType::SingleLabelClassification => num_counted_labels(labels),
            ProblemType::Regression | ProblemType::MultiLabelClassification => {
                Ok(labels.size().first().copied().unwrap_or(1))
            }
        }
    }

    /// Refuses labels in host memory that are no class: on a device the kernel would take the process down.
    pub(crate) fn check(&self, labels: &Tensor) -> Result<()> {
        if self.known_or_inferred(labels) != ProblemType::SingleLabelClassification
            || labels.numel() == 0
        {
            return Ok(());
        }
        let flat = labels.f_to_kind(Kind::Int64)?.f_view([-1])?;
        let wrong = flat.f_lt(0)?.f_logical_and(&flat.f_ne(IGNORED_LABEL)?)?;
        let wrong = wrong.f_logical_or(&flat.f_ge(self.num_labels)?)?;
        if wrong.f_any()?.f_int64_value(&[])? == 0 {
            return Ok(());
        }
        let row = wrong
            .f_to_kind(Kind::Uint8)?
            .f_argmax(None, false)?
            .f_int64_value(&[])?;
        Err(Error::LabelOutOfRange {
            row,
            value: flat.f_int64_value(&[row])?,
            num_labels: self.num_labels,
        })
    }

    fn known_or_inferred(&self, labels: &Tensor) -> ProblemType {
        self.problem_type().unwrap_or_else(|| self.infer(labels))
    }

    fn infer(&self, labels: &Tensor) -> ProblemType {
        if self.num_labels == 1 {
            ProblemType::Regression
        } else if matches!(labels.kind(), Kind::Int64 | Kind::Int) {
            ProblemType::SingleLabelClassification
        } else {
            ProblemType::MultiLabelClassification
        }
    }
}

fn check_same_shape(labels: &Tensor, logits: &Tensor) -> Result<()> {
    if labels.size() == logits.size() {
        return Ok(());
    }
    Err(Error::input(
        "labels",
        format!("{:?}", logits.size()),
        format!("{:?}", labels.size()),
    ))
}

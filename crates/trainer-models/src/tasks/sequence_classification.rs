use std::sync::OnceLock;

use tch::{Kind, Reduction, Tensor};
use trainer_collate::{Batch, NamedTensors};

use super::{Task, check_classes, check_same_shape, cross_entropy};
use crate::model::num_counted_labels;
use crate::{PretrainedConfig, ProblemType, Result};

/// Labels of whole sequences: one class, one 0 or 1 a class, or numbers (`ForSequenceClassificationLoss` of transformers'
/// `loss_utils.py`).
///
/// Without a `problem_type` in the configuration the first labels decide it, for good, as in Python: one output is
/// regression, integer labels are one class a row, others are one 0 or 1 a class.
#[derive(Debug)]
pub struct SequenceClassification {
    num_labels: i64,
    problem_type: OnceLock<ProblemType>,
}

impl SequenceClassification {
    pub(crate) fn new(config: &PretrainedConfig) -> Result<Self> {
        let num_labels = config.num_outputs()?;
        let problem_type = OnceLock::new();
        if let Some(given) = config.problem_type() {
            problem_type.get_or_init(|| given);
        }
        Ok(Self {
            num_labels,
            problem_type,
        })
    }

    /// What the configuration said or labels have decided; before, what these would.
    fn problem_type(&self, labels: &Tensor) -> ProblemType {
        let known = self.problem_type.get().copied();
        known.unwrap_or_else(|| self.infer(labels))
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

impl Task for SequenceClassification {
    fn check(&self, labels: &Batch) -> Result<()> {
        let labels = labels.require("labels")?;
        match self.problem_type(labels) {
            ProblemType::SingleLabelClassification => check_classes(labels, self.num_labels),
            ProblemType::Regression | ProblemType::MultiLabelClassification => Ok(()),
        }
    }

    /// Labels that are not ignored, or rows, which all have as many numbers.
    fn num_items(&self, labels: &Batch) -> Result<i64> {
        let labels = labels.require("labels")?;
        match self.problem_type(labels) {
            ProblemType::SingleLabelClassification => num_counted_labels(labels),
            ProblemType::Regression | ProblemType::MultiLabelClassification => {
                Ok(labels.size().first().copied().unwrap_or(1))
            }
        }
    }

    fn loss(&self, outputs: &NamedTensors, labels: &Batch) -> Result<Tensor> {
        let (logits, labels) = (outputs.require("logits")?, labels.require("labels")?);
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
                cross_entropy(logits, labels, self.num_labels)
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

    fn update_config(&self, config: &mut PretrainedConfig) {
        if let Some(problem_type) = self.problem_type.get() {
            config.set_problem_type(*problem_type);
        }
    }
}

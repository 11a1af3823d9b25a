use std::sync::OnceLock;

use tch::{Kind, Reduction, Tensor};
use trainer_collate::{Batch, NamedTensors};

use super::{Task, check_classes, check_same_shape, cross_entropy, form_of};
use crate::families::family_of;
use crate::model::num_counted_labels;
use crate::{Error, PretrainedConfig, ProblemType, Result};

/// Labels of whole sequences: one class, one 0 or 1 a class, or numbers (`ForSequenceClassificationLoss` of transformers'
/// `loss_utils.py`).
///
/// Without a `problem_type` in the configuration the first labels decide it, for good, as in Python: one output is
/// regression, integer labels are one class a row, others are one 0 or 1 a class. With families whose labels decide nothing
/// ([`Family::labels_decide_problem_type`](crate::Family::labels_decide_problem_type)) labels of as many numbers a row as there are classes are the shares of
/// the classes.
#[derive(Debug)]
pub struct SequenceClassification {
    num_labels: i64,
    problem_type: OnceLock<ProblemType>,
    labels_decide: bool,
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
            labels_decide: family_of(config)?.labels_decide_problem_type(),
        })
    }

    /// What the configuration said or labels have decided; before, what these would.
    fn problem_type(&self, labels: &Tensor) -> ProblemType {
        let known = self.problem_type.get().copied();
        known.unwrap_or_else(|| self.infer(labels))
    }

    fn infer(&self, labels: &Tensor) -> ProblemType {
        let one_class = match self.labels_decide {
            true => matches!(labels.kind(), Kind::Int64 | Kind::Int),
            false => is_one_a_row(labels),
        };
        match one_class {
            _ if self.num_labels == 1 => ProblemType::Regression,
            true => ProblemType::SingleLabelClassification,
            false => ProblemType::MultiLabelClassification,
        }
    }

    /// What the loss is of: for good, where labels decide it.
    fn decide(&self, labels: &Tensor) -> Problem {
        let known = match self.labels_decide {
            true => Some(*self.problem_type.get_or_init(|| self.infer(labels))),
            false => self.problem_type.get().copied(),
        };
        match known.unwrap_or_else(|| self.infer(labels)) {
            ProblemType::Regression => Problem::Numbers,
            ProblemType::SingleLabelClassification => Problem::Class,
            ProblemType::MultiLabelClassification if known.is_some() => Problem::Classes,
            ProblemType::MultiLabelClassification => Problem::Shares,
        }
    }
}

/// What labels are to the loss.
enum Problem {
    Numbers,
    Class,
    Classes,
    Shares,
}

fn is_one_a_row(labels: &Tensor) -> bool {
    labels.dim() == 1 || (labels.dim() == 2 && labels.size()[1] == 1)
}

impl SequenceClassification {
    /// Refuses labels whose shape or type is another problem's.
    fn check_form(&self, labels: &Tensor, problem_type: ProblemType) -> Result<()> {
        let outputs = self.num_labels;
        let one_a_row = is_one_a_row(labels);
        let one_an_output = labels.dim() == 2 && labels.size()[1] == outputs;
        let expected = match problem_type {
            ProblemType::Regression if outputs == 1 && one_a_row => return Ok(()),
            ProblemType::Regression if outputs > 1 && one_an_output => return Ok(()),
            ProblemType::Regression if outputs == 1 => {
                "one number a row; for several give as many as there are outputs (num_labels)"
            }
            ProblemType::Regression => "as many numbers a row as there are outputs (num_labels)",
            ProblemType::SingleLabelClassification if one_a_row => return Ok(()),
            ProblemType::SingleLabelClassification => {
                "one class a row; for several labels a row set problem_type to \"multi_label_classification\", or give 0.0 and \
                 1.0 instead of whole numbers"
            }
            ProblemType::MultiLabelClassification if one_an_output => return Ok(()),
            ProblemType::MultiLabelClassification => {
                "a list of 0.0 and 1.0 a row, one an output (num_labels); for one class a row give whole numbers"
            }
        };
        let decided = match self.problem_type.get() {
            Some(_) => "",
            None => ", which these labels decide,",
        };
        Err(Error::LabelForm {
            found: form_of(labels),
            task: format!(
                "problem_type {:?}{decided} of a model with {outputs} outputs",
                problem_type.as_str()
            ),
            expected: expected.to_owned(),
        })
    }
}

impl Task for SequenceClassification {
    fn num_outputs(&self) -> i64 {
        self.num_labels
    }

    fn check(&self, labels: &Batch) -> Result<()> {
        let labels = labels.require("labels")?;
        let problem_type = self.problem_type(labels);
        self.check_form(labels, problem_type)?;
        match problem_type {
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
        match self.decide(labels) {
            Problem::Numbers => {
                let labels = labels.f_to_kind(Kind::Float)?;
                let (logits, labels) = if self.num_labels == 1 {
                    (logits.f_squeeze()?, labels.f_squeeze()?)
                } else {
                    (logits.shallow_clone(), labels)
                };
                check_same_shape(&labels, &logits)?;
                Ok(logits.f_mse_loss(&labels, Reduction::Mean)?)
            }
            Problem::Class => cross_entropy(logits, labels, self.num_labels),
            Problem::Shares => {
                let labels = labels.f_to_kind(Kind::Float)?;
                check_same_shape(&labels, logits)?;
                let products = logits.f_log_softmax(-1, None)?.f_mul(&labels)?;
                let sums = products.f_sum_dim_intlist([-1].as_slice(), false, None)?;
                Ok(sums.f_neg()?.f_mean(None)?)
            }
            Problem::Classes => {
                let labels = labels.f_to_kind(Kind::Float)?;
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

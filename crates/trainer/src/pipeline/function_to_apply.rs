use trainer_models::{PretrainedConfig, ProblemType};

/// What makes scores of a model's outputs, its logits: Python's `function_to_apply`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionToApply {
    /// Each output by itself to a probability, `1 / (1 + exp(-x))`: several labels may hold at once.
    Sigmoid,
    /// Probabilities that sum up to 1: one of the labels holds.
    Softmax,
    /// The outputs themselves.
    None,
}

impl FunctionToApply {
    /// What Python's `TextClassificationPipeline` chooses: nothing for regression, sigmoid for several labels a text and for a
    /// single output, softmax for the rest.
    #[must_use]
    pub fn of(config: &PretrainedConfig) -> Self {
        match config.problem_type() {
            Some(ProblemType::Regression) => Self::None,
            Some(ProblemType::MultiLabelClassification) => Self::Sigmoid,
            _ if config.num_labels() == 1 => Self::Sigmoid,
            _ => Self::Softmax,
        }
    }

    /// The scores of one text's outputs, in place.
    pub(super) fn apply(self, outputs: &mut [f32]) {
        match self {
            Self::Sigmoid => outputs
                .iter_mut()
                .for_each(|output| *output = 1.0 / (1.0 + (-*output).exp())),
            Self::Softmax => {
                let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                outputs
                    .iter_mut()
                    .for_each(|output| *output = (*output - largest).exp());
                let sum: f32 = outputs.iter().sum();
                outputs.iter_mut().for_each(|output| *output /= sum);
            }
            Self::None => {}
        }
    }
}

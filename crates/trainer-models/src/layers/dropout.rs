use tch::Tensor;

use crate::{Mode, Result};

/// `torch.nn.Dropout`: in training zeroes elements and scales up the others, with libtorch's global generator.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    probability: f64,
}

impl Dropout {
    /// Zeroes each element with this probability, from 0 to 1.
    #[must_use]
    pub fn new(probability: f64) -> Self {
        Self { probability }
    }

    /// The input with elements zeroed in training, as it is in evaluation.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor> {
        Ok(input.f_dropout(self.probability, mode.is_train())?)
    }

    /// The probability to drop in this mode: 0 in evaluation.
    pub(super) fn probability(&self, mode: Mode) -> f64 {
        if mode.is_train() {
            self.probability
        } else {
            0.0
        }
    }
}

use tch::Tensor;
use trainer_torch::fast;

use crate::{Mode, Pass, Result};

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

    /// [`forward`](Self::forward) where `pass` says how: with numbers by a counter where operations are fused.
    ///
    /// # Errors
    /// libtorch's.
    pub fn forward_as(&self, input: &Tensor, pass: Pass<'_>) -> Result<Tensor> {
        if pass.fused([input]).is_some() {
            return Ok(fast::dropout(input, self.draw(pass.mode)?)?);
        }
        self.forward(input, pass.mode)
    }

    /// The key of one fused operation's mask.
    pub(super) fn draw(&self, mode: Mode) -> Result<fast::Dropout> {
        Ok(fast::Dropout::draw(self.probability(mode))?)
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

//! What the loss of a step is: one file a criterion, and the sums that are logged.

mod compute_loss;
mod criterion;
mod eval_loss;
mod label_smoothing;
mod model_loss;
mod python_losses;
mod running_loss;

pub use compute_loss::ComputeLoss;
pub use criterion::{Criterion, LabelUse, LossShare};
pub(crate) use eval_loss::EvalLoss;
pub use label_smoothing::LabelSmoothing;
pub use model_loss::ModelLoss;
pub(crate) use python_losses::PythonLosses;
pub(crate) use running_loss::RunningLoss;

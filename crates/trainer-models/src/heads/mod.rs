//! What stands on top of a base model: losses and their checks.

mod sequence_classification_loss;

pub(crate) use sequence_classification_loss::SequenceClassificationLoss;

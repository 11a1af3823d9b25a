//! Answers that are parts of a text: from a model's scores to answers, and from answers to SQuAD's metrics.

mod candidates;
mod example;
mod metric;
mod normalized;
mod options;
mod postprocess;
mod predictions;
mod squad;
mod squad_v2;

pub use example::{QuestionExample, QuestionWindow};
pub use metric::SquadMetric;
pub use options::AnswerOptions;
pub use postprocess::postprocess_qa_predictions;
pub use predictions::{ExampleAnswers, NBestAnswer, QaPredictions};
pub use squad::{SquadPrediction, squad};
pub use squad_v2::squad_v2;

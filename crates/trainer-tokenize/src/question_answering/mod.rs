//! Questions and the texts that hold their answers, as rows for a model that points at the answer.

mod answers;
mod features;
mod positions;
mod rows;

pub use features::QuestionAnsweringFeatures;

//! Answers from a folder in one call: Hugging Face's `pipeline`, one file a pipeline.
//!
//! ```no_run
//! use trainer::prelude::*;
//!
//! # fn main() -> trainer::Result<()> {
//! let classifier = TextClassifier::from_pretrained("my-model")?;
//! for answer in classifier.classify(["I like it.", "Never again!"])? {
//!     println!("{} {:.4}", answer.label, answer.score);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A pipeline is shared by any number of threads: `classify` and `answer` take `&self`. The weights lie in memory once. libtorch's tensors can
//! be handed to another thread but not be used by two through one handle, so each call that runs at the same time has handles of its own
//! ([`PretrainedModel::shallow_clone`](trainer_models::PretrainedModel::shallow_clone)), kept for the next; no call waits for another.

mod answer_spans;
mod error;
mod function_to_apply;
mod loading;
mod model_pool;
mod options;
mod question_answering;
mod runner;
mod text;
mod text_classification;
mod tokens;

pub use error::PipelineError;
pub use function_to_apply::FunctionToApply;
pub use options::PipelineOptions;
pub use question_answering::{AnswerSpan, QuestionAnswerer};
pub use text::Text;
pub use text_classification::{Label, TextClassifier};

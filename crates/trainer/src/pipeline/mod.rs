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
//! | task in Python | here | answers |
//! |---|---|---|
//! | `text-classification` | [`TextClassifier`] | labels of texts |
//! | `token-classification` | [`TokenClassifier`] | labels of tokens, and groups of words |
//! | `question-answering` | [`QuestionAnswerer`] | parts of texts |
//! | `fill-mask` | [`MaskFiller`] | words in the place of masks |
//! | `feature-extraction` | [`FeatureExtractor`] | states of tokens, and embeddings of texts |
//!
//! A pipeline is shared by any number of threads: what answers takes `&self`. The weights lie in memory once. libtorch's tensors can
//! be handed to another thread but not be used by two through one handle, so each call that runs at the same time has handles of its own
//! ([`PretrainedModel::shallow_clone`](trainer_models::PretrainedModel::shallow_clone)), kept for the next; no call waits for another.

mod answer_spans;
mod characters;
mod entities;
mod error;
mod feature_extraction;
mod fill_mask;
mod function_to_apply;
mod loading;
mod model_pool;
mod options;
mod outputs;
mod question_answering;
mod runnable;
mod runner;
mod sentence;
mod text;
mod text_classification;
mod token_classification;
mod tokens;
mod windows;

pub use entities::AggregationStrategy;
pub use error::PipelineError;
pub use feature_extraction::{FeatureExtractor, Pooling};
pub use fill_mask::{FilledMask, MaskFiller};
pub use function_to_apply::FunctionToApply;
pub use options::PipelineOptions;
pub use question_answering::{AnswerSpan, QuestionAnswerer};
pub use sentence::Sentence;
pub use text::Text;
pub use text_classification::{Label, TextClassifier};
pub use token_classification::{EntityGroup, TokenClassifier, TokenEntity};

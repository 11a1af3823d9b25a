//! Pretrained Transformers with their heads, weights in and out.
//!
//! [`AutoModelForSequenceClassification`] and its like give a [`Model`] by its name on the hub or its folder; [`AutoModel`]
//! gives the network without a head, a [`BaseModel`], for loops and heads of one's own. Weights have the names that checkpoints
//! give them and lie in [`Parameters`], in the order of PyTorch's `named_parameters()`.
//!
//! Decisions:
//!
//! - The operations are those of transformers 5.23 in their order, so that results equal Python's to the last bit on the
//!   same machine; what is drawn (heads, models from a configuration) is drawn in Python's order too.
//! - Layers hold handles to their weights instead of looking them up in a `tch::nn::VarStore`: that one names weights its
//!   own way, draws them its own way and panics.
//! - Weights are float32 in memory whatever the files have. Files are read one tensor at a time, without memory maps, so
//!   that a file that changes or is cut off is an error and never a crash. They are placed in memory as a map would place
//!   them: libtorch picks the kernel of a product with one row by the weights' alignment.
//!
//! ```
//! use tch::Tensor;
//! use trainer_collate::Batch;
//! use trainer_models::bert::BertConfig;
//! use trainer_models::{AutoModelForSequenceClassification, Compute, Mode, Model, num_labels};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = BertConfig {
//!     vocab_size: 50,
//!     hidden_size: 8,
//!     num_hidden_layers: 1,
//!     num_attention_heads: 2,
//!     intermediate_size: 16,
//!     ..BertConfig::default()
//! };
//! tch::manual_seed(42);
//! let model = AutoModelForSequenceClassification::from_config(config, num_labels(2))?;
//!
//! let mut batch = Batch::new();
//! batch.insert("input_ids", Tensor::f_from_slice(&[2_i64, 5, 3, 2, 7, 3])?.f_view([2, 3])?);
//! batch.insert("labels", Tensor::f_from_slice(&[0_i64, 1])?);
//! let prepared = model.prepare(batch, Compute::Reference)?;
//! let output = model.forward(&prepared, Mode::Eval)?;
//! assert_eq!(output.logits()?.size(), [2, 2]);
//! # Ok(())
//! # }
//! ```

pub mod heads;
pub mod layers;
pub mod tasks;
pub mod weights;

mod auto;
mod backbone;
mod base_model;
mod config;
mod construction;
mod counted_tokens;
mod error;
mod families;
mod layout;
mod model;
mod model_files;
mod output;
mod parameters;
mod prepared;
mod pretrained;
mod pretrained_model;

pub use auto::{
    AutoConfig, AutoModel, AutoModelForMaskedLM, AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
};
pub use backbone::{Backbone, BackboneOutput};
pub use base_model::BaseModel;
pub use config::{ModelOptions, PretrainedConfig, ProblemType, num_labels};
pub use construction::{Construction, Role, Scope};
pub use error::{Error, MismatchedWeight, Result};
pub use families::{
    Family, FamilyConfig, albert, bert, check_inputs, deberta_v2, distilbert, electra, modernbert,
    mpnet, register_family, roberta,
};
pub use heads::Head;
pub use layout::{Compute, Layout, Packed, Pass, Reads};
pub use model::{Mode, Model, num_counted_labels};
pub use output::ModelOutput;
pub use parameters::{Parameter, Parameters};
pub use prepared::Prepared;
pub use pretrained_model::PretrainedModel;
pub use tasks::Task;
pub use weights::{LoadReport, SaveOptions};

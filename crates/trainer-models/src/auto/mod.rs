//! Models by name: `config.json` says which family a checkpoint belongs to.

mod auto_config;
mod auto_model;
mod auto_sequence_classification;
mod registry;

pub use auto_config::AutoConfig;
pub use auto_model::AutoModel;
pub use auto_sequence_classification::AutoModelForSequenceClassification;

//! What a model is made by: its `config.json` and what a caller wants instead.

mod labels;
mod options;
mod pretrained_config;
mod problem_type;

pub use options::{ModelOptions, num_labels};
pub use pretrained_config::PretrainedConfig;
pub use problem_type::ProblemType;

//! Chats as texts: what transformers' `apply_chat_template` does.
//!
//! A chat template is a program in Jinja's language, and comes with a tokenizer from anyone. [`templates`] holds the texts of templates and
//! reads and writes their files, [`options`] what a caller asks for, [`conversation`] what becomes of messages before a template sees them.
//! [`render`] runs a template; [`tags`], [`values`] and [`methods`] bound what it can ask for and add what Python has and `minijinja` has
//! not; [`python_json`] is its filter `tojson`, [`clock`] its function `strftime_now`.

mod clock;
mod conversation;
mod methods;
mod options;
mod python_json;
mod render;
mod tags;
mod template_files;
mod templates;
mod tokenizer;
mod values;

pub use conversation::ChatMessage;
pub use options::ChatOptions;
pub(crate) use template_files::{of_config, of_files, save};
pub use templates::ChatTemplates;

use trainer_core::argument_fields;
use trainer_models::ModelOptions;
use trainer_tokenize::{AutoTokenizer, Tokenizer};

use crate::Result;

argument_fields! {
    /// Which model is trained, and with which tokenizer.
    #[derive(Clone, Debug)]
    pub struct ModelArguments {
        "Model" {
            /// The model: a name on the hub or a folder.
            model_name_or_path: Option<String> = None,
            /// The tokenizer, where it is not the model's.
            tokenizer_name: Option<String> = None,
            /// Draw the weights of a head anew whose size differs from what the task needs.
            ignore_mismatched_sizes: bool = false,
        }
    }
}

impl ModelArguments {
    /// The model's name or path.
    ///
    /// # Errors
    /// When it was not given.
    pub fn name(&self) -> Result<&str> {
        let missing = "--model_name_or_path is missing: a name on the hub or a folder";
        Ok(self.model_name_or_path.as_deref().ok_or(missing)?)
    }

    /// The options with which the model is loaded.
    #[must_use]
    pub fn options(&self) -> ModelOptions {
        ModelOptions::new().ignore_mismatched_sizes(self.ignore_mismatched_sizes)
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// When neither a tokenizer nor a model was given, or it cannot be loaded.
    pub fn tokenizer(&self) -> Result<Tokenizer> {
        let name = match &self.tokenizer_name {
            Some(name) => name,
            None => self.name()?,
        };
        Ok(AutoTokenizer::from_pretrained(name)?)
    }
}

//! From tokens back to words.

use tokenizers::{Decoder, ModelWrapper};

use crate::limits::guarded;
use crate::{Error, Result, Tokenizer};

impl Tokenizer {
    /// The text that tokens, as the vocabulary spells them, stand for: Python's `convert_tokens_to_string`. Without a decoder they are put
    /// one after the other with spaces between them.
    ///
    /// # Errors
    /// [`Error::Decode`] when the decoder fails.
    pub fn convert_tokens_to_string(&self, tokens: Vec<String>) -> Result<String> {
        match self.inner.backend.get_decoder() {
            Some(decoder) => guarded(|| decoder.decode(tokens)).map_err(Error::Decode),
            None => Ok(tokens.join(" ")),
        }
    }

    /// What the tokens that go on with a word begin with, such as BERT's `##`; `None` for vocabularies that mark no such tokens.
    #[must_use]
    pub fn continuing_subword_prefix(&self) -> Option<&str> {
        let prefix = match self.inner.backend.get_model() {
            ModelWrapper::WordPiece(model) => Some(model.continuing_subword_prefix.as_str()),
            ModelWrapper::BPE(model) => model.continuing_subword_prefix.as_deref(),
            _ => None,
        };
        prefix.filter(|prefix| !prefix.is_empty())
    }
}

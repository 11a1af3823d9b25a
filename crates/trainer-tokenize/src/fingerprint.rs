//! What decides about what a tokenizer makes.

use std::fmt::Debug;

use crate::Tokenizer;
use crate::limits::guarded;

impl Tokenizer {
    /// The vocabulary and the settings, with all of `options`, as text: what gives the same text encodes alike. Nothing where
    /// the library cannot write the vocabulary.
    pub(crate) fn fingerprint(&self, options: &impl Debug) -> Option<String> {
        let written = guarded(|| {
            let backend = self.inner.backend.to_string(false)?;
            Ok((backend, serde_json::to_string(&self.inner.post_processor)?))
        });
        let (backend, post_processor) = written.ok()?;
        let version = env!("CARGO_PKG_VERSION");
        let config = self.config();
        Some(format!(
            "{version}\n{backend}\n{post_processor}\n{config:?}\n{options:?}"
        ))
    }
}

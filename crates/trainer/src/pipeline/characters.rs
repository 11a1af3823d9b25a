/// A text by the numbers of its characters.
pub(super) struct Characters<'t> {
    text: &'t str,
    /// Where each character begins, in bytes.
    begins: Vec<usize>,
}

impl<'t> Characters<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let begins = text.char_indices().map(|(at, _)| at).collect();
        Self { text, begins }
    }

    /// What stands between two characters; nothing behind the end.
    pub(super) fn between(&self, begin: usize, end: usize) -> &'t str {
        let byte = |at: usize| self.begins.get(at).copied().unwrap_or(self.text.len());
        self.text.get(byte(begin)..byte(end)).unwrap_or_default()
    }
}

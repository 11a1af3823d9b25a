/// One encoded text or pair: parallel slices with one element a token.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    pub(crate) backend: tokenizers::Encoding,
}

impl Encoding {
    /// Token ids: `input_ids`.
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        self.backend.get_ids()
    }

    /// Which text a token belongs to, by the model's convention: `token_type_ids`.
    #[must_use]
    pub fn type_ids(&self) -> &[u32] {
        self.backend.get_type_ids()
    }

    /// 1 for every token, since nothing is padded: `attention_mask`.
    #[must_use]
    pub fn attention_mask(&self) -> &[u32] {
        self.backend.get_attention_mask()
    }

    /// 1 for tokens that were added around the texts, 0 for the texts' own: `special_tokens_mask`.
    #[must_use]
    pub fn special_tokens_mask(&self) -> &[u32] {
        self.backend.get_special_tokens_mask()
    }

    /// The tokens as the vocabulary spells them.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        self.backend.get_tokens()
    }

    /// Begin and end of each token in its text, in characters (not bytes); `(0, 0)` for added tokens: `offset_mapping`.
    #[must_use]
    pub fn offsets(&self) -> &[(usize, usize)] {
        self.backend.get_offsets()
    }

    /// The number of the word in its text; `None` for added tokens.
    #[must_use]
    pub fn word_ids(&self) -> &[Option<u32>] {
        self.backend.get_word_ids()
    }

    /// 0 for the first text, 1 for the second, `None` for added tokens.
    #[must_use]
    pub fn sequence_ids(&self) -> Vec<Option<usize>> {
        self.backend.get_sequence_ids()
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.backend.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.backend.is_empty()
    }
}

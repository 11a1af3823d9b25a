/// The named special tokens; a name that a tokenizer does not have is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialTokens {
    /// Begins a sequence (generating models).
    pub bos_token: Option<String>,
    /// Ends a sequence (generating models).
    pub eos_token: Option<String>,
    /// Stands for what the vocabulary cannot express.
    pub unk_token: Option<String>,
    /// Stands between and after texts.
    pub sep_token: Option<String>,
    /// Fills short rows of a batch.
    pub pad_token: Option<String>,
    /// Stands before the texts; classifiers read the result at its place.
    pub cls_token: Option<String>,
    /// Hides a token that the model shall guess.
    pub mask_token: Option<String>,
}

impl SpecialTokens {
    /// The fields' names in `tokenizer_config.json`, in the order of Python's `SPECIAL_TOKENS_ATTRIBUTES`.
    pub(crate) const NAMES: [&'static str; 7] = [
        "bos_token",
        "eos_token",
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
    ];

    /// From texts in the order of [`NAMES`](Self::NAMES); an empty text is an absent token.
    pub(crate) fn from_array(tokens: [&str; 7]) -> Self {
        let mut special = Self::default();
        for (slot, token) in special.slots().into_iter().zip(tokens) {
            *slot = (!token.is_empty()).then(|| token.to_owned());
        }
        special
    }

    /// The fields in the order of [`NAMES`](Self::NAMES).
    pub(crate) fn slots(&mut self) -> [&mut Option<String>; 7] {
        [
            &mut self.bos_token,
            &mut self.eos_token,
            &mut self.unk_token,
            &mut self.sep_token,
            &mut self.pad_token,
            &mut self.cls_token,
            &mut self.mask_token,
        ]
    }

    /// Names and tokens, those that are there, in the order of Python's `special_tokens_map`.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let tokens = [
            &self.bos_token,
            &self.eos_token,
            &self.unk_token,
            &self.sep_token,
            &self.pad_token,
            &self.cls_token,
            &self.mask_token,
        ];
        Self::NAMES
            .into_iter()
            .zip(tokens)
            .filter_map(|(name, token)| Some((name, token.as_deref()?)))
    }
}

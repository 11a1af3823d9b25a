use tokenizers::utils::truncation::TruncationStrategy;

/// Which text loses tokens when an encoding is longer than the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Truncation {
    /// None: the encoding stays longer (`truncation=False`).
    #[default]
    Off,
    /// The longer of the two, until both are equal, then both (`truncation=True`, `"longest_first"`).
    LongestFirst,
    /// The first text only (`"only_first"`).
    OnlyFirst,
    /// The second text only (`"only_second"`).
    OnlySecond,
}

impl Truncation {
    /// Python's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "do_not_truncate",
            Self::LongestFirst => "longest_first",
            Self::OnlyFirst => "only_first",
            Self::OnlySecond => "only_second",
        }
    }

    pub(crate) fn backend(self) -> Option<TruncationStrategy> {
        match self {
            Self::Off => None,
            Self::LongestFirst => Some(TruncationStrategy::LongestFirst),
            Self::OnlyFirst => Some(TruncationStrategy::OnlyFirst),
            Self::OnlySecond => Some(TruncationStrategy::OnlySecond),
        }
    }
}

impl From<bool> for Truncation {
    /// `true` is [`LongestFirst`](Self::LongestFirst), as in Python.
    fn from(on: bool) -> Self {
        if on { Self::LongestFirst } else { Self::Off }
    }
}

/// How texts are encoded. The default adds special tokens and does not truncate.
///
/// ```
/// use trainer_tokenize::{EncodeOptions, Truncation};
/// let options = EncodeOptions::new().truncation(Truncation::OnlyFirst).max_length(128);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    pub(crate) truncation: Option<Truncation>,
    pub(crate) max_length: Option<usize>,
    pub(crate) add_special_tokens: bool,
    pub(crate) stride: usize,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            truncation: None,
            max_length: None,
            add_special_tokens: true,
            stride: 0,
        }
    }
}

impl EncodeOptions {
    /// Special tokens, no truncation.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether and how to truncate; `true` is longest first. The limit is [`max_length`](Self::max_length), else the
    /// tokenizer's `model_max_length`; with neither, a warning is logged once and nothing is truncated, as in Python.
    #[must_use]
    pub fn truncation(mut self, truncation: impl Into<Truncation>) -> Self {
        self.truncation = Some(truncation.into());
        self
    }

    /// The most tokens of an encoding, special tokens included. Given alone it truncates longest first, as in Python.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = Some(max_length);
        self
    }

    /// Whether the special tokens of the model (`[CLS]`, `[SEP]`, …) are added; they are by default.
    #[must_use]
    pub fn add_special_tokens(mut self, add: bool) -> Self {
        self.add_special_tokens = add;
        self
    }

    /// How many tokens of the text that is cut a window has in common with the one before it: none by default. Of use to
    /// [`Tokenizer::encode_windows`](crate::Tokenizer::encode_windows) alone.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }
}

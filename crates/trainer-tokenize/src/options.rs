use tokenizers::utils::truncation::TruncationStrategy;

use crate::{Padding, Side};

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
    pub(crate) truncation_side: Option<Side>,
    pub(crate) add_special_tokens: bool,
    pub(crate) stride: usize,
    pub(crate) padding: Padding,
    pub(crate) padding_side: Option<Side>,
    pub(crate) pad_to_multiple_of: Option<usize>,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            truncation: None,
            max_length: None,
            truncation_side: None,
            add_special_tokens: true,
            stride: 0,
            padding: Padding::DoNotPad,
            padding_side: None,
            pad_to_multiple_of: None,
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

    /// The most tokens of an encoding, special tokens included. Given without [`truncation`](Self::truncation) and
    /// [`padding`](Self::padding) it truncates longest first, as in Python.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = Some(max_length);
        self
    }

    /// On which side texts are cut, whatever the tokenizer's [`truncation_side`](crate::TokenizerConfig::truncation_side) is.
    #[must_use]
    pub fn truncation_side(mut self, side: Side) -> Self {
        self.truncation_side = Some(side);
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

    /// Whether and to which length rows are padded; `true` is to the longest of those that are encoded together: of one text
    /// its windows, of [`Tokenizer::batch`](crate::Tokenizer::batch) all, of a map those of one of its batches. They are not by default, since
    /// collators pad batches.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The same without padding, for rows that are padded together later: whether texts are cut then does not change.
    pub(crate) fn unpadded(mut self) -> Self {
        if self.truncation.is_none() && self.padding != Padding::DoNotPad {
            self.truncation = Some(Truncation::Off);
        }
        self.padding = Padding::DoNotPad;
        self
    }

    /// On which side rows are padded, whatever the tokenizer's [`padding_side`](crate::TokenizerConfig::padding_side) is.
    #[must_use]
    pub fn padding_side(mut self, side: Side) -> Self {
        self.padding_side = Some(side);
        self
    }

    /// A number of which the length of padded rows is a multiple; 0 is none.
    #[must_use]
    pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
        self.pad_to_multiple_of = Some(multiple);
        self
    }
}

/// How ids become text. The default keeps special tokens and cleans up as the tokenizer's configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecodeOptions {
    pub(crate) skip_special_tokens: bool,
    pub(crate) clean_up: Option<bool>,
}

impl DecodeOptions {
    /// Special tokens stay, clean-up as configured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether special tokens are left out.
    #[must_use]
    pub fn skip_special_tokens(mut self, skip: bool) -> Self {
        self.skip_special_tokens = skip;
        self
    }

    /// Whether spaces before punctuation and before English contractions are removed, whatever
    /// [`clean_up_tokenization_spaces`](crate::TokenizerConfig::clean_up_tokenization_spaces) of the configuration says. Byte pairs
    /// are never cleaned up, as in Python.
    #[must_use]
    pub fn clean_up_tokenization_spaces(mut self, clean_up: bool) -> Self {
        self.clean_up = Some(clean_up);
        self
    }
}

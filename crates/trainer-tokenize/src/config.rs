use serde_json::{Map, Value};

use crate::chat::ChatTemplates;
use crate::class::{GENERIC, class};
use crate::special_tokens::SpecialTokens;

/// An end of a row of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The beginning.
    Left,
    /// The end.
    #[default]
    Right,
}

impl Side {
    /// Python's name: `left` or `right`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// What `tokenizer_config.json` says beside the vocabulary, with the defaults of the tokenizer's class filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenizerConfig {
    /// Python's class, for instance `BertTokenizer`; `PreTrainedTokenizerFast` when `tokenizer.json` says all.
    pub tokenizer_class: String,
    /// The most tokens that the model takes, special tokens included; `None` is no limit (Python's `1e30`).
    pub model_max_length: Option<usize>,
    /// Where batches are padded.
    pub padding_side: Side,
    /// Where texts are cut.
    pub truncation_side: Side,
    /// The named special tokens. Those that the vocabulary lacks are added to it.
    pub special_tokens: SpecialTokens,
    /// Further special tokens. Those that the vocabulary lacks are added to it.
    pub extra_special_tokens: Vec<String>,
    /// The columns that encoding makes: the first is the ids, then some of `token_type_ids`, `attention_mask`.
    pub model_input_names: Vec<String>,
    /// Whether decoding removes spaces before punctuation.
    pub clean_up_tokenization_spaces: bool,
    /// The templates that chats are written by.
    pub chat_templates: ChatTemplates,
    /// Every other field of the file; kept and written back.
    pub other_fields: Map<String, Value>,
}

impl TokenizerConfig {
    /// The defaults of a Python class, by its name with or without `Fast`. A name that is not known here gets those of
    /// `PreTrainedTokenizerFast`: `input_ids` and `attention_mask`, no named special tokens.
    #[must_use]
    pub fn new(tokenizer_class: &str) -> Self {
        let name = crate::class::plain_name(tokenizer_class);
        let defaults = class(name);
        Self {
            tokenizer_class: name.to_owned(),
            model_max_length: None,
            padding_side: defaults.padding_side,
            truncation_side: Side::Right,
            special_tokens: defaults.special_tokens,
            extra_special_tokens: Vec::new(),
            model_input_names: defaults
                .input_names
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
            clean_up_tokenization_spaces: false,
            chat_templates: ChatTemplates::new(),
            other_fields: Map::new(),
        }
    }
}

impl Default for TokenizerConfig {
    fn default() -> Self {
        Self::new(GENERIC)
    }
}

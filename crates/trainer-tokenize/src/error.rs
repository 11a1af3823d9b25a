use std::path::PathBuf;

use trainer_data::BoxError;

/// What can go wrong while a tokenizer is loaded, used or saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The hub or its cache has no such repository, or a file of it cannot be fetched.
    #[error("cannot find the tokenizer {name:?}: {source}")]
    Find {
        /// The name or path asked for.
        name: String,
        /// What the hub said.
        source: BoxError,
    },
    /// The folder or repository holds no vocabulary that this crate reads.
    #[error("{name:?} has no vocabulary to load: {reason}")]
    Unsupported {
        /// The name or path asked for.
        name: String,
        /// What is there and what would be needed.
        reason: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not the JSON that it should be.
    #[error("{} is not valid: {source}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A field of a configuration file has a value of the wrong kind.
    #[error("{}: the field {field:?} should be {expected}, but it is {found}", .path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// Its field.
        field: String,
        /// What is accepted there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// `tokenizer.json` or `vocab.txt` cannot be used.
    #[error("{} is not a usable vocabulary: {source}", .path.display())]
    Vocabulary {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: BoxError,
    },
    /// A tokenizer asks for more than one may; `docs/security.md` has the bounds.
    #[error("the tokenizer is out of bounds: {0}")]
    Bounds(#[source] BoxError),
    /// The normalizer makes the same text of two added tokens.
    #[error("the tokenizer's added tokens cannot be told apart: {0}")]
    AddedTokens(#[source] BoxError),
    /// A vocabulary lacks a special token that must be in it.
    #[error("the vocabulary {what} lacks the special token {token:?}")]
    MissingSpecialToken {
        /// The vocabulary.
        what: String,
        /// The token.
        token: String,
    },
    /// A text cannot be encoded.
    #[error("cannot encode the text: {0}")]
    Encode(#[source] BoxError),
    /// A text cannot be shortened by the strategy that was asked for.
    #[error(
        "cannot truncate to {max_length} tokens with `{strategy}`: the texts have {lengths:?} tokens and {special} \
         special tokens are added"
    )]
    Truncate {
        /// The limit in tokens, special tokens included.
        max_length: usize,
        /// Python's name of the strategy.
        strategy: &'static str,
        /// Tokens of each text.
        lengths: Vec<usize>,
        /// Special tokens that the encoding adds.
        special: usize,
    },
    /// Windows cannot overlap by so many tokens as they have for the text that is cut.
    #[error(
        "cannot make windows of {max_length} tokens that overlap by {stride}: they have {room} tokens for the text that is \
         cut, and the stride must be less"
    )]
    Stride {
        /// The limit in tokens, special tokens included.
        max_length: usize,
        /// The stride.
        stride: usize,
        /// Tokens of the text that is cut, in one window.
        room: usize,
    },
    /// Ids cannot be decoded.
    #[error("cannot decode the ids: {0}")]
    Decode(#[source] BoxError),
    /// A number is no token id: negative, or beyond 32 bits.
    #[error("{id} at position {position} is not a token id")]
    TokenId {
        /// The number.
        id: i64,
        /// Where it stands.
        position: usize,
    },
    /// A dataset lacks a column of text, or it has another type.
    #[error("cannot tokenize the column {column:?}: {source}")]
    Column {
        /// The column.
        column: String,
        /// What the dataset says.
        source: BoxError,
    },
    /// A row has no text.
    #[error("cannot tokenize row {row} of the column {column:?}: it is null")]
    NullText {
        /// The column.
        column: String,
        /// The row's number in the dataset that is mapped.
        row: usize,
    },
    /// A row has not one label for each of its words.
    #[error(
        "cannot align the labels of row {row}: the column {column:?} has {labels} labels for {words} words"
    )]
    WordLabels {
        /// The column of labels.
        column: String,
        /// The row's number in the dataset that is mapped.
        row: usize,
        /// Words of the row.
        words: usize,
        /// Labels of the row.
        labels: usize,
    },
    /// A row's answers are not what they should be.
    #[error("row {row} of the column {column:?}: {reason}")]
    Answers {
        /// The column.
        column: String,
        /// The row's number in the dataset that is mapped.
        row: usize,
        /// What is wrong.
        reason: String,
    },
    /// Rows are to be padded by a tokenizer that has no token for it.
    #[error("the tokenizer has no padding token to pad rows with")]
    NoPadToken,
    /// Rows are to be cut to one length and padded to a multiple that it is not.
    #[error(
        "cannot cut rows to {max_length} tokens and pad them to a multiple of {multiple}, which that is not"
    )]
    PaddingMultiple {
        /// The limit in tokens.
        max_length: usize,
        /// The number.
        multiple: usize,
    },
    /// No vocabulary can be learned of the texts.
    #[error("cannot learn a vocabulary: {0}")]
    Train(#[source] BoxError),
    /// Positions in rows that a collator pads on the left.
    #[error(
        "the tokenizer pads on the left, where padding a batch moves the positions of answers: pad the rows \
         (pad_to_max_length)"
    )]
    PadsOnTheLeft,
    /// A row cannot be encoded.
    #[error("cannot tokenize row {row}: {source}")]
    Row {
        /// The row's number in the dataset that is mapped.
        row: usize,
        /// Why.
        source: Box<Error>,
    },
    /// A chat template cannot be compiled, fails on a chat, or refuses it.
    #[error("the chat template {name:?}{}: {source}", in_line(.line))]
    ChatTemplate {
        /// Its name; `chat_template` for one that was given as a text.
        name: String,
        /// The line at fault, where that is known.
        line: Option<usize>,
        /// Why; what the template itself says where it refuses a chat.
        source: BoxError,
    },
    /// There is no chat template to take.
    #[error(
        "the tokenizer has no chat template to take; {}", named(.present)
    )]
    NoChatTemplate {
        /// The names of those that are there.
        present: Vec<String>,
    },
    /// A chat template cannot be saved under its name.
    #[error("the chat template's name {0:?} cannot be that of a file")]
    ChatTemplateName(String),
    /// A chat is none, or cannot be written as its options say.
    #[error("cannot write the chat: {0}")]
    Conversation(String),
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The tokenizer cannot be put into a file's format.
    #[error("cannot serialise the tokenizer: {0}")]
    Serialise(#[source] BoxError),
}

fn in_line(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}

fn named(present: &[String]) -> String {
    match present {
        [] => "set chat_template in its configuration, or give one with the options".to_owned(),
        names => format!("name one of {} with the options", names.join(", ")),
    }
}

impl Error {
    pub(crate) fn in_row(self, row: usize) -> Self {
        let source = Box::new(self);
        Self::Row { row, source }
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

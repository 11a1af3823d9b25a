use trainer_data::{BoxError, Feature};

/// What can go wrong while rows become a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A batch, or a model's output, lacks a tensor that was asked for.
    #[error("there is no tensor {name:?}; there are {}", .present.join(", "))]
    MissingTensor {
        /// The name asked for.
        name: String,
        /// The names that are there.
        present: Vec<String>,
    },
    /// A batch of no rows was asked for.
    #[error("a batch needs at least one row")]
    NoRows,
    /// The rows lack the column that padding goes by.
    #[error("padding needs the column {name:?}; the rows have {}", .present.join(", "))]
    MissingColumn {
        /// The column, the first of the tokenizer's `model_input_names`.
        name: String,
        /// The columns that are there.
        present: Vec<String>,
    },
    /// Padding was asked for with a tokenizer that has no token for it.
    #[error(
        "the tokenizer has no padding token, so rows of different lengths cannot be put together; set \
         `special_tokens.pad_token` of its configuration, for instance to the end-of-text token"
    )]
    NoPadToken,
    /// A column holds what cannot be a tensor.
    #[error(
        "column {column:?} of type {feature} cannot become a tensor; turn it into numbers (`map`), as labels must be, or \
         remove it (`remove_columns`), as the trainer does with columns that the model does not take"
    )]
    NotNumbers {
        /// The column.
        column: String,
        /// Its type.
        feature: Feature,
    },
    /// A column of numbers where lists of whole numbers are needed.
    #[error("column {column:?} of type {feature}: a list of whole numbers is expected in each row")]
    NotLists {
        /// The column.
        column: String,
        /// Its type.
        feature: Feature,
    },
    /// A number does not fit a tensor of whole numbers.
    #[error(
        "column {column:?}, row {row}: {value} is not below 2^63, so it cannot become a tensor"
    )]
    TooLarge {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// The number.
        value: u64,
    },
    /// A value is missing.
    #[error("column {column:?}, row {row}: there is no value, so it cannot become a tensor")]
    Null {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
    },
    /// Lists of a column that is not padded differ in length.
    #[error(
        "column {column:?}, row {row}: the list has {found} values where the rows before it have {expected}, so they \
         cannot become one tensor; {hint}"
    )]
    Ragged {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// The length of the first row's list.
        expected: usize,
        /// The length of this row's list.
        found: usize,
        /// What helps.
        hint: &'static str,
    },
    /// A row's masks or token types are not as many as its ids.
    #[error("column {column:?}, row {row}: {found} values for {expected} ids")]
    Misaligned {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// The length of the row's ids.
        expected: usize,
        /// The length of the row's list.
        found: usize,
    },
    /// A row has more choices than the first one, or fewer, or none at all.
    #[error("column {column:?}, row {row}: {found} choices where {expected} are expected")]
    Choices {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// How many the first row has; 1 if that has none.
        expected: usize,
        /// How many this row has.
        found: usize,
    },
    /// Masking was asked for with a tokenizer that has no token for it.
    #[error(
        "the tokenizer has no mask token, which masked and permutation language modelling need; for causal language modelling take \
         DataCollatorForLanguageModeling with `mlm(false)`"
    )]
    NoMaskToken,
    /// An option of a collator cannot be.
    #[error("{name} is {value}: {reason}")]
    Option {
        /// Its name.
        name: &'static str,
        /// What it was set to.
        value: f64,
        /// What is accepted.
        reason: &'static str,
    },
    /// Whole words were to be masked without masking, or without knowing where words begin.
    #[error("whole_word_mask needs {0}")]
    WholeWords(&'static str),
    /// A row is longer than the length to pad to.
    #[error(
        "column {column:?}, row {row}: {found} ids, but batches are padded to {max_length}; truncate when tokenizing"
    )]
    TooLong {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// The length of the row's ids.
        found: usize,
        /// The length to pad to.
        max_length: usize,
    },
    /// A row has no token, or a batch too many.
    #[error("column {column:?}, row {row}: {found} values; expected are {expected}")]
    Length {
        /// The column.
        column: String,
        /// The row's number in the dataset.
        row: usize,
        /// The length of the row's list.
        found: usize,
        /// What is accepted.
        expected: &'static str,
    },
    /// Permutation language modelling halves rows, which an odd number of tokens does not let it.
    #[error(
        "column {column:?}, row {row}: the batch is padded to its {found} ids, but permutation language modelling needs an even number, \
         at least 2; pad rows to an even length when tokenizing"
    )]
    OddLength {
        /// The column.
        column: String,
        /// The number of the longest row in the dataset.
        row: usize,
        /// Its length.
        found: usize,
    },
    /// What makes a decoder's input of labels failed.
    #[error("cannot make decoder_input_ids of the labels: {0}")]
    DecoderInputs(#[source] BoxError),
    /// A column cannot be read.
    #[error(transparent)]
    Data(#[from] trainer_data::Error),
    /// A generator has no such state.
    #[error(transparent)]
    Generator(Box<trainer_torch::Error>),
    /// libtorch refused an operation.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
}

impl From<trainer_torch::Error> for Error {
    fn from(error: trainer_torch::Error) -> Self {
        Self::Generator(Box::new(error))
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

use trainer_data::{BoxError, Column, Columns, Feature, MapRows, Rows};

use crate::columns::{in_column, texts};
use crate::{Result, Tokenizer};

/// A mapping of questions, texts and answers to the rows that a model for question answering takes, for
/// `Dataset::map_with`: `prepare_train_features` and `prepare_validation_features` of Hugging Face's `run_qa.py`.
///
/// A text that is too long becomes several windows ([`Tokenizer::encode_windows`]), a row each, so all columns of the data set
/// must be removed. A row has the tokenizer's `model_input_names`, and
///
/// - [for training](Self::training) `start_positions` and `end_positions`, the tokens in which the first answer begins and ends, or
///   both the `[CLS]` token (else the first) where the window does not hold the whole answer or there is none;
/// - [for validation](Self::validation) `example_id`, the `id` of the data set's row, and `offset_mapping`, begin and end of each
///   token in the text, in characters, null for tokens of the question and special ones.
///
/// The columns read are `question`, `context`, `answers` and `id`, those of SQuAD. `answers` has two lists, `text` and
/// `answer_start` (in characters), or is a list of both; neither need be the text that stands there. The question comes first where
/// the tokenizer pads on the right, else the text does.
///
/// ```no_run
/// use trainer_data::MapOptions;
/// use trainer_tokenize::{AutoTokenizer, QuestionAnsweringFeatures};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let data = trainer_data::load_dataset("squad", None)?;
/// let tokenizer = AutoTokenizer::from_pretrained("bert-base-cased")?;
/// let features = QuestionAnsweringFeatures::training(&tokenizer).max_length(384).stride(128);
/// let options = MapOptions::default().remove_columns(data["train"].column_names());
/// let train = data["train"].map_with(&features, &options)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct QuestionAnsweringFeatures {
    pub(super) tokenizer: Tokenizer,
    purpose: Purpose,
    pub(super) question: String,
    pub(super) context: String,
    pub(super) answers: String,
    id: String,
    pub(super) max_length: usize,
    pub(super) stride: usize,
    pub(super) pad_to_max_length: bool,
    pub(super) python_positions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Training,
    Validation,
}

impl QuestionAnsweringFeatures {
    /// Rows to train on, in windows of up to 384 tokens that overlap by 128.
    #[must_use]
    pub fn training(tokenizer: &Tokenizer) -> Self {
        Self::new(tokenizer, Purpose::Training)
    }

    /// Rows to answer, in windows of up to 384 tokens that overlap by 128.
    #[must_use]
    pub fn validation(tokenizer: &Tokenizer) -> Self {
        Self::new(tokenizer, Purpose::Validation)
    }

    fn new(tokenizer: &Tokenizer, purpose: Purpose) -> Self {
        Self {
            tokenizer: tokenizer.clone(),
            purpose,
            question: "question".to_owned(),
            context: "context".to_owned(),
            answers: "answers".to_owned(),
            id: "id".to_owned(),
            max_length: 384,
            stride: 128,
            pad_to_max_length: false,
            python_positions: false,
        }
    }

    /// The column of questions.
    #[must_use]
    pub fn question(mut self, column: &str) -> Self {
        self.question = column.to_owned();
        self
    }

    /// The column of texts.
    #[must_use]
    pub fn context(mut self, column: &str) -> Self {
        self.context = column.to_owned();
        self
    }

    /// The column of answers, which rows for training need.
    #[must_use]
    pub fn answers(mut self, column: &str) -> Self {
        self.answers = column.to_owned();
        self
    }

    /// The column of the questions' names, texts or numbers, which rows for validation need.
    #[must_use]
    pub fn id(mut self, column: &str) -> Self {
        self.id = column.to_owned();
        self
    }

    /// The most tokens of a window, special tokens included; less where the tokenizer's `model_max_length` is less.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = max_length;
        self
    }

    /// How many tokens of the text a window has in common with the one before it (`--doc_stride`).
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Whether all rows are padded to the most tokens. By default they are not: that is the collator's work. A tokenizer that
    /// pads on the left needs it, since what a collator pads there would move the positions.
    #[must_use]
    pub fn pad_to_max_length(mut self, pad: bool) -> Self {
        self.pad_to_max_length = pad;
        self
    }

    /// Whether positions are counted as `run_qa.py` counts them, for rows that must equal those of a run there. They differ for an
    /// answer that begins in the last token of its window: there `start_positions` is no token of the text, but the last
    /// special or padding token of the row.
    #[must_use]
    pub fn python_positions(mut self, python: bool) -> Self {
        self.python_positions = python;
        self
    }

    /// The columns for the rows of a window of the data set.
    ///
    /// # Errors
    /// [`Error::Column`](crate::Error::Column) when a column is missing or of another type, [`Error::Answers`](crate::Error::Answers),
    /// [`Error::NullText`](crate::Error::NullText) and [`Error::Row`](crate::Error::Row) with the number of the row.
    pub fn encode_rows(&self, rows: &Rows<'_>) -> Result<Columns> {
        let (windows, of) = self.windows(rows)?;
        let mut columns = self.tokenizer.columns(&windows);
        match self.purpose {
            Purpose::Training => {
                let (starts, ends) = self.positions(rows, &windows, &of)?;
                columns.insert("start_positions", Column::ints(starts));
                columns.insert("end_positions", Column::ints(ends));
            }
            Purpose::Validation => {
                columns.insert("offset_mapping", self.offsets(&windows)?);
                let ids = texts(rows, &self.id)?;
                let id = |&k: &usize| ids.value(k).map_err(|source| in_column(&self.id, source));
                let ids_of = of.iter().map(id).collect::<Result<Vec<_>>>()?;
                // As Python's map finds their type by their values.
                let feature = match ids.feature() {
                    feature if feature.is_int() && *feature != Feature::UInt64 => &Feature::Int64,
                    feature => feature,
                };
                let ids_of = Column::values(feature, ids_of);
                columns.insert(
                    "example_id",
                    ids_of.map_err(|source| in_column(&self.id, source))?,
                );
            }
        }
        Ok(columns)
    }
}

impl MapRows for QuestionAnsweringFeatures {
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError> {
        Ok(self.encode_rows(rows)?)
    }

    /// The tokenizer's vocabulary and settings, and the options.
    fn fingerprint(&self) -> Option<String> {
        let Self {
            tokenizer,
            purpose,
            question,
            context,
            answers,
            id,
            max_length,
            stride,
            pad_to_max_length,
            python_positions,
        } = self;
        let columns = (question, context, answers, id);
        let windows = (max_length, stride, pad_to_max_length);
        let options = (
            "question answering",
            purpose,
            columns,
            windows,
            python_positions,
        );
        tokenizer.fingerprint(&options)
    }
}

use tokenizers::utils::padding::PaddingDirection;
use trainer_data::{BoxError, Column, Columns, Feature, MapRows, Rows, Value};

use super::answers::{Span, first_answer};
use super::positions::{Context, no_answer};
use crate::columns::{in_column, text_of, texts};
use crate::{EncodeOptions, Encoding, Error, Result, Side, Tokenizer, Truncation};

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
    tokenizer: Tokenizer,
    purpose: Purpose,
    question: String,
    context: String,
    answers: String,
    id: String,
    max_length: usize,
    stride: usize,
    pad_to_max_length: bool,
    python_positions: bool,
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
    /// [`Error::Column`] when a column is missing or of another type, [`Error::Answers`], [`Error::NullText`] and [`Error::Row`]
    /// with the number of the row.
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
                let ids_of = Column::values(ids.feature(), ids_of);
                columns.insert(
                    "example_id",
                    ids_of.map_err(|source| in_column(&self.id, source))?,
                );
            }
        }
        Ok(columns)
    }

    /// The windows of all rows, and for each the place of its row among `rows`.
    fn windows(&self, rows: &Rows<'_>) -> Result<(Vec<Encoding>, Vec<usize>)> {
        let questions = texts(rows, &self.question)?;
        let contexts = texts(rows, &self.context)?;
        let (limit, question_first) = (self.limit(), self.question_first());
        if !question_first && !self.pad_to_max_length {
            return Err(Error::PadsOnTheLeft);
        }
        let options = EncodeOptions::new()
            .truncation(match question_first {
                true => Truncation::OnlySecond,
                false => Truncation::OnlyFirst,
            })
            .max_length(limit)
            .stride(self.stride);
        let (mut windows, mut of) = (Vec::with_capacity(rows.len()), Vec::new());
        for k in 0..rows.len() {
            let row = rows.number(k).unwrap_or(k);
            let question = text_of(&questions, k, row)?.trim_start_matches(is_python_space);
            let context = text_of(&contexts, k, row)?;
            let (first, second) = match question_first {
                true => (question, context),
                false => (context, question),
            };
            let parts = self.tokenizer.encode_windows(first, Some(second), &options);
            windows.extend(parts.map_err(|source| source.in_row(row))?);
            of.resize(windows.len(), k);
        }
        if self.pad_to_max_length {
            self.pad(&mut windows, limit)?;
        }
        Ok((windows, of))
    }

    fn limit(&self) -> usize {
        let limits = [Some(self.max_length), self.tokenizer.model_max_length()];
        limits
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(self.max_length)
    }

    fn question_first(&self) -> bool {
        self.tokenizer.padding_side() == Side::Right
    }

    fn context_sequence(&self) -> usize {
        usize::from(self.question_first())
    }

    fn pad(&self, windows: &mut [Encoding], length: usize) -> Result<()> {
        let token = self.tokenizer.pad_token();
        let (Some(token), Some(id)) = (token, self.tokenizer.pad_token_id()) else {
            return Err(Error::NoPadToken);
        };
        let type_id = self.tokenizer.pad_token_type_id();
        let direction = match self.tokenizer.padding_side() {
            Side::Left => PaddingDirection::Left,
            Side::Right => PaddingDirection::Right,
        };
        for window in windows {
            window.backend.pad(length, id, type_id, token, direction);
        }
        Ok(())
    }

    /// `start_positions` and `end_positions`.
    fn positions(
        &self,
        rows: &Rows<'_>,
        windows: &[Encoding],
        of: &[usize],
    ) -> Result<(Vec<i64>, Vec<i64>)> {
        let answers = texts(rows, &self.answers)?;
        let (mut answered, mut answer) = (None, None);
        let position = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let mut positions = (Vec::new(), Vec::new());
        for (window, &k) in windows.iter().zip(of) {
            let row = rows.number(k).unwrap_or(k);
            if answered != Some(k) {
                answer = first_answer(&answers, k, row)?;
                answered = Some(k);
            }
            let found = match answer {
                None => None,
                Some(answer) => self
                    .position(window, answer)
                    .map_err(|reason| Error::Answers {
                        column: self.answers.clone(),
                        row,
                        reason: reason.to_owned(),
                    })?,
            };
            let (start, end) = found.unwrap_or_else(|| {
                let place = no_answer(&self.tokenizer, window);
                (place, place)
            });
            positions.0.push(position(start));
            positions.1.push(position(end));
        }
        Ok(positions)
    }

    fn position(
        &self,
        window: &Encoding,
        answer: Span,
    ) -> Result<Option<(usize, usize)>, &'static str> {
        let context = Context::of(window, self.context_sequence())
            .ok_or("there is an answer, but its context has no tokens")?;
        match self.python_positions {
            true => context
                .python_positions(answer)
                .map_err(|()| "the answer is empty: Python finds no position for it"),
            false => Ok(context.positions(answer)),
        }
    }

    /// `offset_mapping`: null for what is no token of the context.
    fn offsets(&self, windows: &[Encoding]) -> Result<Column> {
        let number = |place: usize| Value::Int(i64::try_from(place).unwrap_or(i64::MAX));
        let context = Some(self.context_sequence());
        let list = |window: &Encoding| {
            let tokens = window.offsets().iter().zip(window.sequence_ids());
            let offsets = tokens.map(|(&(begin, end), of)| match of == context {
                true => Value::List(vec![number(begin), number(end)]),
                false => Value::Null,
            });
            Value::List(offsets.collect())
        };
        let feature = Feature::list(Feature::list(Feature::Int64));
        Column::values(&feature, windows.iter().map(list))
            .map_err(|source| in_column("offset_mapping", source))
    }
}

impl MapRows for QuestionAnsweringFeatures {
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError> {
        Ok(self.encode_rows(rows)?)
    }
}

/// What Python's `str.lstrip` takes away.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

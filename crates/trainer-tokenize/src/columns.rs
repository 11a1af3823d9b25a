use tokenizers::InputSequence;
use trainer_data::{BoxError, Column, ColumnRows, Columns, Feature, MapRows, Rows, Value};

use crate::numbers::numbers;
use crate::word_labels::WordLabels;
use crate::{
    EncodeOptions, Encoding, Error, Padding, Result, Side, Tokenizer, Truncation, encode, padding,
    windows,
};

/// A mapping of columns of texts to the columns that the model takes, for `Dataset::map` and `DatasetDict::map`.
///
/// It makes the tokenizer's `model_input_names`: for BERT `input_ids`, `token_type_ids` and `attention_mask`, lists as long as the
/// row has tokens, of the types that Python's `Dataset.map` gives them: `int32` for ids, `int8` for masks and types, `int64` for
/// all other columns. Nothing is padded, unless [`padding`](Self::padding) asks for it. Rows are encoded one after the other on the thread
/// that calls; `map` calls from all of them.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let raw = trainer_data::load_dataset("glue", "mrpc")?;
/// let tokenizer = trainer_tokenize::AutoTokenizer::from_pretrained("bert-base-cased")?;
/// let tokenized = raw.map(tokenizer.pair("sentence1", "sentence2").truncation(true))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EncodeColumns {
    tokenizer: Tokenizer,
    first: String,
    second: Option<String>,
    options: EncodeOptions,
    split_into_words: bool,
    word_labels: Option<WordLabels>,
    special_tokens_mask: bool,
    offsets: bool,
    windows: bool,
}

impl EncodeColumns {
    pub(crate) fn new(tokenizer: &Tokenizer, first: &str, second: Option<&str>) -> Self {
        Self {
            tokenizer: tokenizer.clone(),
            first: first.to_owned(),
            second: second.map(str::to_owned),
            options: EncodeOptions::new(),
            split_into_words: false,
            word_labels: None,
            special_tokens_mask: false,
            offsets: false,
            windows: false,
        }
    }

    /// As [`EncodeOptions::truncation`].
    #[must_use]
    pub fn truncation(mut self, truncation: impl Into<Truncation>) -> Self {
        self.options = self.options.truncation(truncation);
        self
    }

    /// As [`EncodeOptions::max_length`].
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.options = self.options.max_length(max_length);
        self
    }

    /// As [`EncodeOptions::truncation_side`].
    #[must_use]
    pub fn truncation_side(mut self, side: Side) -> Self {
        self.options = self.options.truncation_side(side);
        self
    }

    /// As [`EncodeOptions::padding`].
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.options = self.options.padding(padding);
        self
    }

    /// As [`EncodeOptions::padding_side`].
    #[must_use]
    pub fn padding_side(mut self, side: Side) -> Self {
        self.options = self.options.padding_side(side);
        self
    }

    /// As [`EncodeOptions::pad_to_multiple_of`].
    #[must_use]
    pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
        self.options = self.options.pad_to_multiple_of(multiple);
        self
    }

    /// As [`EncodeOptions::add_special_tokens`].
    #[must_use]
    pub fn add_special_tokens(mut self, add: bool) -> Self {
        self.options = self.options.add_special_tokens(add);
        self
    }

    /// Whether `special_tokens_mask` is made too: 1 for the tokens around the texts.
    #[must_use]
    pub fn return_special_tokens_mask(mut self, make: bool) -> Self {
        self.special_tokens_mask = make;
        self
    }

    /// Whether `offset_mapping` is made too: for each token its begin and end in its text, in characters.
    #[must_use]
    pub fn return_offsets_mapping(mut self, make: bool) -> Self {
        self.offsets = make;
        self
    }

    /// Whether the columns hold lists of words instead of texts (`is_split_into_words`). Offsets count from the beginning of
    /// each word then.
    #[must_use]
    pub fn is_split_into_words(mut self, split: bool) -> Self {
        self.split_into_words = split;
        self
    }

    /// Makes the column `labels` too, a label for each token, of the column `labels` with a label for each word: that of its
    /// word for a word's first token, -100 for its others and for special tokens. Implies
    /// [`is_split_into_words`](Self::is_split_into_words).
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let raw = trainer_data::load_dataset("leondz/wnut_17", None)?;
    /// let tokenizer = trainer_tokenize::AutoTokenizer::from_pretrained("bert-base-cased")?;
    /// let tokenized = raw.map(tokenizer.single("tokens").word_labels("ner_tags").truncation(true))?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn word_labels(mut self, labels: &str) -> Self {
        self.split_into_words = true;
        self.word_labels = Some(WordLabels {
            column: labels.to_owned(),
            all_tokens: false,
        });
        self
    }

    /// Whether [`word_labels`](Self::word_labels) gives a word's label to all its tokens (`label_all_tokens` of `run_ner.py`); where
    /// the classes are named so, those after the first get `I-x` for `B-x`.
    #[must_use]
    pub fn label_all_tokens(mut self, all: bool) -> Self {
        if let Some(labels) = &mut self.word_labels {
            labels.all_tokens = all;
        }
        self
    }

    /// Whether the tokens that truncation cuts off make further rows, as [`Tokenizer::encode_windows`] says: then a map gives
    /// more rows than it got, the columns of the data set must be removed
    /// ([`remove_columns`](trainer_data::MapOptions::remove_columns)), and `overflow_to_sample_mapping` has for each row the
    /// number of the row that it is of.
    #[must_use]
    pub fn return_overflowing_tokens(mut self, make: bool) -> Self {
        self.windows = make;
        self
    }

    /// As [`EncodeOptions::stride`].
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.options = self.options.stride(stride);
        self
    }

    /// The columns for the rows of a window of the data set.
    ///
    /// # Errors
    /// [`Error::Column`] when a column is missing or holds no texts, [`Error::NullText`] and [`Error::Row`] with the
    /// number of the row, [`Error::WordLabels`] for a row with more labels than words, or fewer.
    pub fn encode_rows(&self, rows: &Rows<'_>) -> Result<Columns> {
        let (encodings, of, words) = self.encodings(rows)?;
        let mut columns = self.tokenizer.columns(&encodings);
        if let Some(labels) = &self.word_labels {
            columns.insert("labels", labels.align(rows, &encodings, &of, &words)?);
        }
        if self.special_tokens_mask {
            columns.insert(
                "special_tokens_mask",
                numbers(
                    "special_tokens_mask",
                    &encodings,
                    Encoding::special_tokens_mask,
                ),
            );
        }
        if self.offsets {
            columns.insert("offset_mapping", offsets(&encodings)?);
        }
        if self.windows {
            let number = |k| rows.number(k).unwrap_or(k) as i64;
            let of = of.into_iter().map(number);
            columns.insert("overflow_to_sample_mapping", Column::ints(of));
        }
        Ok(columns)
    }

    /// The rows' encodings; for each of them which row it is of; and for each row how many words its first text was parted into, 1
    /// where they are not parted.
    fn encodings(&self, rows: &Rows<'_>) -> Result<(Vec<Encoding>, Vec<usize>, Vec<usize>)> {
        let first = texts(rows, &self.first)?;
        let second = self
            .second
            .as_deref()
            .map(|name| texts(rows, name))
            .transpose()?;
        // Which word a token is of is not known either where offsets are not tracked.
        let offsets = match self.offsets || self.word_labels.is_some() {
            true => encode::Offsets::Characters,
            false => encode::Offsets::Untracked,
        };
        let overflow = match self.windows {
            true => encode::Overflow::Windows,
            false => encode::Overflow::Dropped,
        };
        let (mut encodings, mut of) = (Vec::with_capacity(rows.len()), Vec::new());
        let mut words = Vec::with_capacity(rows.len());
        for k in 0..rows.len() {
            let row = rows.number(k).unwrap_or(k);
            let text = self.input_of(&first, k, row)?;
            let pair = second
                .as_ref()
                .map(|second| self.input_of(second, k, row))
                .transpose()?;
            words.push(num_words(&text));
            let options = &self.options;
            let encoding = encode::encode(&self.tokenizer, text, pair, options, offsets, overflow)
                .map_err(|source| source.in_row(row))?;
            encodings.extend(windows::parts(encoding));
            of.resize(encodings.len(), k);
        }
        padding::pad(&self.tokenizer, &mut encodings, &self.options)?;
        Ok((encodings, of, words))
    }

    fn input_of<'c>(
        &self,
        column: &ColumnRows<'c>,
        k: usize,
        row: usize,
    ) -> Result<InputSequence<'c>> {
        let name = column.name();
        let in_column = |source| in_column(name, source);
        if column.is_null(k).map_err(in_column)? {
            return Err(Error::NullText {
                column: name.to_owned(),
                row,
            });
        }
        match self.split_into_words {
            true => Ok(column.str_list(k).map_err(in_column)?.into()),
            false => Ok(column.str(k).map_err(in_column)?.into()),
        }
    }
}

fn num_words(text: &InputSequence<'_>) -> usize {
    match text {
        InputSequence::Raw(_) => 1,
        InputSequence::PreTokenized(words) => words.len(),
        InputSequence::PreTokenizedCow(words) => words.len(),
        InputSequence::PreTokenizedOwned(words) => words.len(),
    }
}

impl Tokenizer {
    /// Encodings as the columns that the model takes, a row each: `model_input_names`, of the types that [`EncodeColumns`] says.
    #[must_use]
    pub fn columns(&self, encodings: &[Encoding]) -> Columns {
        let mut columns = Columns::new();
        for (at, name) in self.model_input_names().iter().enumerate() {
            let read = match (at, name.as_str()) {
                (0, _) => Encoding::ids,
                (_, "token_type_ids") => Encoding::type_ids,
                (_, "attention_mask") => Encoding::attention_mask,
                _ => continue,
            };
            columns.insert(name, numbers(name, encodings, read));
        }
        columns
    }
}

impl MapRows for EncodeColumns {
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError> {
        Ok(self.encode_rows(rows)?)
    }

    /// The tokenizer's vocabulary and settings, and the options.
    fn fingerprint(&self) -> Option<String> {
        let Self {
            tokenizer,
            first,
            second,
            options,
            split_into_words,
            word_labels,
            special_tokens_mask,
            offsets,
            windows,
        } = self;
        let texts = (first, second, split_into_words, word_labels);
        let made = (special_tokens_mask, offsets, windows);
        tokenizer.fingerprint(&("columns", texts, options, made))
    }
}

pub(crate) fn texts<'r>(rows: &'r Rows<'_>, name: &str) -> Result<ColumnRows<'r>> {
    rows.column(name).map_err(|source| in_column(name, source))
}

pub(crate) fn text_of<'c>(column: &'c ColumnRows<'_>, k: usize, row: usize) -> Result<&'c str> {
    let name = column.name();
    if column
        .is_null(k)
        .map_err(|source| in_column(name, source))?
    {
        return Err(Error::NullText {
            column: name.to_owned(),
            row,
        });
    }
    column.str(k).map_err(|source| in_column(name, source))
}

pub(crate) fn in_column(name: &str, source: trainer_data::Error) -> Error {
    Error::Column {
        column: name.to_owned(),
        source: source.into(),
    }
}

fn offsets(encodings: &[Encoding]) -> Result<Column> {
    let number = |place: usize| Value::Int(i64::try_from(place).unwrap_or(i64::MAX));
    let pair = |&(begin, end): &(usize, usize)| Value::List(vec![number(begin), number(end)]);
    let list = |encoding: &Encoding| Value::List(encoding.offsets().iter().map(pair).collect());
    let feature = Feature::list(Feature::list(Feature::Int64));
    Column::values(&feature, encodings.iter().map(list))
        .map_err(|source| in_column("offset_mapping", source))
}

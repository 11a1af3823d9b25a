use std::path::Path;

use trainer_data::{BoxError, Collate, Rows};
use trainer_tokenize::Tokenizer;

use crate::pad::{Widths, int_list};
use crate::stack::{Numbers, stack};
use crate::{Batch, Error, Result, labels};

/// To which length the rows of a batch are padded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// That of the longest row of the batch (`padding=True`, `"longest"`).
    #[default]
    Longest,
    /// One length for all batches: the collator's `max_length`, else the tokenizer's `model_max_length`
    /// (`"max_length"`). With neither, nothing is padded, as in Python.
    MaxLength,
    /// None: all rows of a batch must be of one length (`padding=False`).
    DoNotPad,
}

/// Pads the rows of a batch to one length and stacks them: Hugging Face's `DataCollatorWithPadding`.
///
/// Of the columns that a tokenizer makes, `input_ids` (the first of its `model_input_names`) are filled with its padding
/// token, `attention_mask` with 0, `token_type_ids` with its padding type and `special_tokens_mask` with 1, on its padding
/// side; an `attention_mask` that the model takes and the rows lack is made. All are `[rows, length]`, int64. Every other
/// column is stacked as it is: numbers to `[rows]`, lists of one length to `[rows, length]`; whole numbers to int64,
/// others to float32, truth values to bool. `label` and `label_ids` are called `labels`.
///
/// ```
/// use trainer_collate::{DataCollatorWithPadding, Padding};
/// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorWithPadding {
/// DataCollatorWithPadding::new(tokenizer)
///     .padding(Padding::MaxLength)
///     .max_length(128)
///     .pad_to_multiple_of(8)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorWithPadding {
    tokenizer: Tokenizer,
    padding: Padding,
    max_length: Option<usize>,
    multiple_of: usize,
}

impl DataCollatorWithPadding {
    /// Pads to the longest row of each batch.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            tokenizer: tokenizer.clone(),
            padding: Padding::Longest,
            max_length: None,
            multiple_of: 1,
        }
    }

    /// To which length rows are padded.
    #[must_use]
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// The length, in tokens, that [`Padding::MaxLength`] pads to.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = Some(max_length);
        self
    }

    /// Rounds the length up to a multiple of this, for kernels that like such lengths; 0 and 1 round nothing.
    #[must_use]
    pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
        self.multiple_of = multiple.max(1);
        self
    }

    /// The tokenizer that pads.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The rows as one batch.
    ///
    /// # Errors
    /// When the ids are missing, the tokenizer has no padding token, a column is no numbers, a value is missing, or rows
    /// do not fit together; the errors name the column and the row.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        if rows.is_empty() {
            return Err(Error::NoRows);
        }
        let names = self.tokenizer.model_input_names();
        let ids = names.first().map_or("input_ids", String::as_str);
        let widths = self.widths(rows, ids)?;
        let fill = |name: &str| match name {
            name if name == ids => Some(self.tokenizer.pad_token_id().map_or(0, i64::from)),
            "attention_mask" => Some(0),
            "token_type_ids" => Some(i64::from(self.tokenizer.pad_token_type_id())),
            "special_tokens_mask" => Some(1),
            _ => None,
        };
        let mut batch = Batch::new();
        for name in rows.column_names() {
            let column = rows.column(name)?;
            let tensor = match fill(name) {
                Some(fill) => widths.pad(rows, &column, fill)?,
                None => stack(rows, &column, Numbers::Inferred)?,
            };
            batch.insert(name, tensor);
        }
        let mask = "attention_mask";
        if batch.get(mask).is_none() && names.iter().any(|name| name == mask) {
            batch.insert(mask, widths.mask()?);
        }
        labels::rename(&mut batch);
        Ok(batch)
    }

    /// How long the rows are and become.
    fn widths(&self, rows: &Rows<'_>, ids: &str) -> Result<Widths> {
        if !rows.has_column(ids) {
            return Err(Error::MissingColumn {
                name: ids.to_owned(),
                present: rows.column_names().map(str::to_owned).collect(),
            });
        }
        let column = rows.column(ids)?;
        let lengths: Vec<usize> = (0..rows.len())
            .map(|k| Ok(int_list(rows, &column, k)?.len()))
            .collect::<Result<_>>()?;
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let target = self.target(longest);
        if target.is_some() && self.tokenizer.pad_token_id().is_none() {
            return Err(Error::NoPadToken);
        }
        let width = target.unwrap_or(lengths[0]);
        let misfit = |&length: &usize| length > width || (target.is_none() && length != width);
        let Some(k) = lengths.iter().position(misfit) else {
            let side = self.tokenizer.padding_side();
            return Ok(Widths {
                lengths,
                width,
                side,
            });
        };
        let (column, row, found) = (ids.to_owned(), rows.number(k).unwrap_or(k), lengths[k]);
        Err(match target {
            Some(max_length) => Error::TooLong {
                column,
                row,
                found,
                max_length,
            },
            None => Error::Ragged {
                column,
                row,
                expected: width,
                found,
                hint: "let the collator pad",
            },
        })
    }

    /// The length to pad to; nothing for no padding.
    fn target(&self, longest: usize) -> Option<usize> {
        let target = match self.padding {
            Padding::Longest => longest,
            Padding::MaxLength => self.max_length.or(self.tokenizer.model_max_length())?,
            Padding::DoNotPad => return None,
        };
        Some(target.next_multiple_of(self.multiple_of))
    }
}

impl Collate for DataCollatorWithPadding {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &["label_ids", "label", "labels"]
    }

    fn pad_token_id(&self) -> Option<i64> {
        self.tokenizer.pad_token_id().map(i64::from)
    }

    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        Ok(self.tokenizer.save_pretrained(folder)?)
    }
}

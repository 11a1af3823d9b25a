use tch::Tensor;
use trainer_data::Rows;
use trainer_tokenize::{Padding, Tokenizer};

use crate::pad::{Lists, Widths};
use crate::stack::{Numbers, stack};
use crate::{Batch, Error, Result};

/// Python's `tokenizer.pad`, what the collators that take a tokenizer have in common.
#[derive(Clone, Debug)]
pub(crate) struct TokenPadding {
    pub(crate) tokenizer: Tokenizer,
    pub(crate) padding: Padding,
    pub(crate) max_length: Option<usize>,
    pub(crate) multiple_of: usize,
}

/// The options that padding collators share, for a struct with the field `padding` of type [`TokenPadding`].
macro_rules! padding_options {
    () => {
        /// To which length rows are padded.
        #[must_use]
        pub fn padding(mut self, padding: $crate::Padding) -> Self {
            self.padding.padding = padding;
            self
        }

        /// The length, in tokens, that [`Padding::MaxLength`](crate::Padding::MaxLength) pads to.
        #[must_use]
        pub fn max_length(mut self, max_length: usize) -> Self {
            self.padding.max_length = Some(max_length);
            self
        }

        /// Rounds the length up to a multiple of this, for kernels that like such lengths; 0 and 1 round nothing.
        #[must_use]
        pub fn pad_to_multiple_of(mut self, multiple: usize) -> Self {
            self.padding.multiple_of = multiple.max(1);
            self
        }

        /// The tokenizer that pads.
        #[must_use]
        pub fn tokenizer(&self) -> &trainer_tokenize::Tokenizer {
            &self.padding.tokenizer
        }
    };
}
pub(crate) use padding_options;

/// What such a struct answers as a [`Collate`](trainer_data::Collate) by its tokenizer.
macro_rules! by_tokenizer {
    () => {
        fn pad_token_id(&self) -> Option<i64> {
            self.tokenizer().pad_token_id().map(i64::from)
        }

        fn save_pretrained(&self, folder: &std::path::Path) -> Result<(), BoxError> {
            Ok(self.tokenizer().save_pretrained(folder)?)
        }
    };
}
pub(crate) use by_tokenizer;

impl TokenPadding {
    /// Pads to the longest row of each batch.
    pub(crate) fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            tokenizer: tokenizer.clone(),
            padding: Padding::Longest,
            max_length: None,
            multiple_of: 1,
        }
    }

    /// The name of the column of ids, the first of the tokenizer's `model_input_names`.
    pub(crate) fn ids(&self) -> &str {
        let names = self.tokenizer.model_input_names();
        names.first().map_or("input_ids", String::as_str)
    }

    /// The rows as one batch: padded what a tokenizer made, stacked what is neither of that nor among `others`. And how long the rows
    /// were.
    pub(crate) fn batch(&self, rows: &Rows<'_>, others: &[&str]) -> Result<(Batch, Widths)> {
        let ids = self.check(rows)?;
        let widths = self.widths(&Lists::of_rows(rows, &rows.column(ids)?)?)?;
        let mut batch = Batch::new();
        for name in rows.column_names().filter(|name| !others.contains(name)) {
            let column = rows.column(name)?;
            let tensor = match self.fill(name) {
                Some(fill) => widths.pad(&Lists::of_rows(rows, &column)?, fill)?,
                None => stack(rows, &column, Numbers::Inferred)?,
            };
            batch.insert(name, tensor);
        }
        self.add_mask(&mut batch, || widths.mask())?;
        Ok((batch, widths))
    }

    /// Looks for rows and for their ids, and gives the name of these.
    pub(crate) fn check(&self, rows: &Rows<'_>) -> Result<&str> {
        let ids = self.ids();
        check_column(rows, ids)?;
        Ok(ids)
    }

    /// Adds an attention mask where the model takes one and the batch has none.
    pub(crate) fn add_mask(
        &self,
        batch: &mut Batch,
        make: impl FnOnce() -> Result<Tensor>,
    ) -> Result<()> {
        let mask = "attention_mask";
        let names = self.tokenizer.model_input_names();
        if batch.get(mask).is_none() && names.iter().any(|name| name == mask) {
            batch.insert(mask, make()?);
        }
        Ok(())
    }

    /// What fills up the column `name`, if a tokenizer pads it.
    pub(crate) fn fill(&self, name: &str) -> Option<i64> {
        match name {
            name if name == self.ids() => Some(self.tokenizer.pad_token_id().map_or(0, i64::from)),
            "attention_mask" => Some(0),
            "token_type_ids" => Some(i64::from(self.tokenizer.pad_token_type_id())),
            "special_tokens_mask" => Some(1),
            _ => None,
        }
    }

    /// How long the sequences are and become.
    pub(crate) fn widths(&self, ids: &Lists<'_>) -> Result<Widths> {
        let longest = ids.lengths().into_iter().max().unwrap_or(0);
        let target = self.target(longest);
        if target.is_some() && self.tokenizer.pad_token_id().is_none() {
            return Err(Error::NoPadToken);
        }
        self.fit(ids, target)
    }

    /// How long the labels of rows are and become, where these are no labels of the rows' own tokens.
    pub(crate) fn label_widths(&self, labels: &Lists<'_>) -> Result<Widths> {
        let longest = labels.lengths().into_iter().max().unwrap_or(0);
        let target = match (self.padding, self.max_length) {
            // The model's own limit is not for what it writes.
            (Padding::MaxLength, None) => Some(longest.next_multiple_of(self.multiple_of)),
            _ => self.target(longest),
        };
        self.fit(labels, target)
    }

    /// The widths of lists that are padded to `target`, or not at all.
    fn fit(&self, lists: &Lists<'_>, target: Option<usize>) -> Result<Widths> {
        let lengths = lists.lengths();
        let width = target.unwrap_or(lengths.first().copied().unwrap_or(0));
        let misfit = |&length: &usize| length > width || (target.is_none() && length != width);
        let Some(k) = lengths.iter().position(misfit) else {
            let side = self.tokenizer.padding_side();
            return Ok(Widths {
                lengths,
                width,
                side,
            });
        };
        let (column, row, found) = (lists.name().to_owned(), lists.row(k), lengths[k]);
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

/// Looks for rows and for a column of them.
pub(crate) fn check_column(rows: &Rows<'_>, name: &str) -> Result<()> {
    if rows.is_empty() {
        return Err(Error::NoRows);
    }
    match rows.has_column(name) {
        true => Ok(()),
        false => Err(Error::MissingColumn {
            name: name.to_owned(),
            present: rows.column_names().map(str::to_owned).collect(),
        }),
    }
}

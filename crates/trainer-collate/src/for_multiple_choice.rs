use trainer_data::{BoxError, Collate, Rows};
use trainer_tokenize::Tokenizer;

use crate::labels;
use crate::pad::Lists;
use crate::stack::{Numbers, stack};
use crate::token_padding::{TokenPadding, by_tokenizer, padding_options};
use crate::{Batch, Result};

/// Pads all choices of all rows of a batch to one length: Hugging Face's `DataCollatorForMultipleChoice`.
///
/// The columns that a tokenizer makes hold a list of choices a row, each a list of tokens; they become
/// `[rows, choices, length]`, int64, filled as by [`DataCollatorWithPadding`](crate::DataCollatorWithPadding), and other columns are
/// stacked as they are. All rows have as many choices. `label`, or else `labels`, the number of the right choice, becomes `labels`, `[rows]`, int64.
///
/// ```
/// use trainer_collate::DataCollatorForMultipleChoice;
/// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorForMultipleChoice {
/// DataCollatorForMultipleChoice::new(tokenizer).pad_to_multiple_of(8)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorForMultipleChoice {
    padding: TokenPadding,
}

impl DataCollatorForMultipleChoice {
    /// Pads to the longest choice of each batch.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            padding: TokenPadding::new(tokenizer),
        }
    }

    padding_options!();

    /// The rows as one batch.
    ///
    /// # Errors
    /// When the ids are missing, the tokenizer has no padding token, a column holds something else than lists of lists of numbers, a
    /// value is missing, or rows have not the same number of choices; the errors name the column and the row.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        let column = rows.column(self.padding.check(rows)?)?;
        let ids = Lists::of_choices(rows, &column)?;
        let choices = ids.num_choices()?;
        let widths = self.padding.widths(&ids)?;
        let shape = [rows.len() as i64, choices as i64, -1];
        let mut batch = Batch::new();
        for name in rows
            .column_names()
            .filter(|name| !labels::NAMES.contains(name))
        {
            let column = rows.column(name)?;
            let tensor = match self.padding.fill(name) {
                Some(fill) => {
                    let lists = Lists::of_choices(rows, &column)?;
                    lists.num_choices()?;
                    widths.pad(&lists, fill)?.f_view(shape)?
                }
                None => stack(rows, &column, Numbers::Inferred)?,
            };
            batch.insert(name, tensor);
        }
        let mask = || Ok(widths.mask()?.f_view(shape)?);
        self.padding.add_mask(&mut batch, mask)?;
        if let Some(name) = labels::column_of(rows) {
            let column = rows.column(name)?;
            batch.insert("labels", stack(rows, &column, Numbers::Int)?);
        }
        Ok(batch)
    }
}

impl Collate for DataCollatorForMultipleChoice {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &labels::NAMES
    }

    by_tokenizer!();
}

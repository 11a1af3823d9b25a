use trainer_data::{BoxError, Collate, Rows};
use trainer_tokenize::Tokenizer;

use crate::token_padding::{TokenPadding, by_tokenizer, padding_options};
use crate::{Batch, Result, labels};

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
    padding: TokenPadding,
}

impl DataCollatorWithPadding {
    /// Pads to the longest row of each batch.
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
    /// When the ids are missing, the tokenizer has no padding token, a column is no numbers, a value is missing, or rows
    /// do not fit together; the errors name the column and the row.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        let (mut batch, _) = self.padding.batch(rows, &[])?;
        labels::rename(&mut batch);
        Ok(batch)
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

    by_tokenizer!();
}

use trainer_data::{BoxError, Collate, Rows};
use trainer_tokenize::Tokenizer;

use crate::labels::{self, IGNORED};
use crate::pad::Lists;
use crate::token_padding::{TokenPadding, by_tokenizer, padding_options};
use crate::{Batch, Result};

/// Pads the rows of a batch and their labels, one for each token, to one length: Hugging Face's
/// `DataCollatorForTokenClassification`.
///
/// Rows are padded as by [`DataCollatorWithPadding`](crate::DataCollatorWithPadding). The lists of `label`, or else of `labels`, are
/// filled with -100, which no loss counts, on the tokenizer's padding side, and are `labels` of the batch: `[rows, length]`, int64.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use trainer_collate::DataCollatorForTokenClassification;
/// let tokenizer = trainer_tokenize::AutoTokenizer::from_pretrained("bert-base-cased")?;
/// let raw = trainer_data::load_dataset("leondz/wnut_17", None)?;
/// let tokenized = raw.map(tokenizer.single("tokens").word_labels("ner_tags").truncation(true))?;
/// let train = tokenized["train"].remove_columns(&["id", "tokens", "ner_tags"])?;
/// let batch = DataCollatorForTokenClassification::new(&tokenizer).batch(&train.rows(&[0, 1, 2])?)?;
/// assert_eq!(batch.require("labels")?.size(), batch.require("input_ids")?.size());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorForTokenClassification {
    padding: TokenPadding,
    label_pad_token_id: i64,
}

impl DataCollatorForTokenClassification {
    /// Pads to the longest row of each batch.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            padding: TokenPadding::new(tokenizer),
            label_pad_token_id: IGNORED,
        }
    }

    padding_options!();

    /// What labels are filled with. By default -100.
    #[must_use]
    pub fn label_pad_token_id(mut self, id: i64) -> Self {
        self.label_pad_token_id = id;
        self
    }

    /// The rows as one batch.
    ///
    /// # Errors
    /// As [`DataCollatorWithPadding::batch`](crate::DataCollatorWithPadding::batch), and when a row has not one label for each token.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        let Some(name) = labels::column_of(rows) else {
            return Ok(self.padding.batch(rows, &[])?.0);
        };
        let (mut batch, widths) = self.padding.batch(rows, &[name])?;
        let column = rows.column(name)?;
        let padded = widths.pad(&Lists::of_rows(rows, &column)?, self.label_pad_token_id)?;
        batch.insert("labels", padded);
        Ok(batch)
    }
}

impl Collate for DataCollatorForTokenClassification {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &labels::NAMES
    }

    by_tokenizer!();
}

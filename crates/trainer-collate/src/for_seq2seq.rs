use std::fmt;
use std::sync::Arc;

use tch::Tensor;
use trainer_data::{BoxError, Collate, ColumnRows, Rows};
use trainer_tokenize::Tokenizer;

use crate::labels::{self, IGNORED};
use crate::pad::Lists;
use crate::token_padding::{TokenPadding, by_tokenizer, padding_options};
use crate::{Batch, Error, Result};

/// Pads the rows of a batch and their labels, each to a length of their own: Hugging Face's `DataCollatorForSeq2Seq`.
///
/// Rows are padded as by [`DataCollatorWithPadding`](crate::DataCollatorWithPadding). The lists of `label`, or else of `labels`, are the
/// tokens of the texts that the model shall write; they are filled with -100, which no loss counts, on the tokenizer's padding side, and
/// are `labels` of the batch: `[rows, length of the longest]`, int64. [`max_length`](Self::max_length) with
/// [`Padding::MaxLength`](crate::Padding::MaxLength), and [`pad_to_multiple_of`](Self::pad_to_multiple_of), hold for both. Rows without
/// labels, or with none in any, make a batch without.
///
/// ```
/// use trainer_collate::DataCollatorForSeq2Seq;
/// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorForSeq2Seq {
/// DataCollatorForSeq2Seq::new(tokenizer).pad_to_multiple_of(8)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorForSeq2Seq {
    padding: TokenPadding,
    label_pad_token_id: i64,
    decoder: Option<DecoderInputs>,
}

/// What makes the decoder's input of labels.
#[derive(Clone)]
struct DecoderInputs(Arc<Prepare>);

type Prepare = dyn Fn(&Tensor) -> Result<Tensor, BoxError> + Send + Sync;

impl fmt::Debug for DecoderInputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecoderInputs")
    }
}

impl DataCollatorForSeq2Seq {
    /// Pads to the longest row, and the longest labels, of each batch.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            padding: TokenPadding::new(tokenizer),
            label_pad_token_id: IGNORED,
            decoder: None,
        }
    }

    padding_options!();

    /// What labels are filled with. By default -100.
    #[must_use]
    pub fn label_pad_token_id(mut self, id: i64) -> Self {
        self.label_pad_token_id = id;
        self
    }

    /// Makes `decoder_input_ids` of each batch's `labels`, `[rows, length]`: what Python asks its `model` for. By default there are none, and
    /// the model makes its own. Which tokens the decoder sees at which step is the model's matter; most move the labels by one:
    ///
    /// ```
    /// use tch::Tensor;
    /// use trainer_collate::DataCollatorForSeq2Seq;
    ///
    /// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorForSeq2Seq {
    /// let (start, pad) = (2, 1);
    /// DataCollatorForSeq2Seq::new(tokenizer).prepare_decoder_input_ids_from_labels(move |labels: &Tensor| {
    ///     let moved = labels.f_roll([1], [1])?;
    ///     moved.f_narrow(1, 0, 1)?.f_fill_(start)?;
    ///     Ok(moved.f_masked_fill(&moved.f_eq(-100)?, pad)?)
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn prepare_decoder_input_ids_from_labels(
        mut self,
        prepare: impl Fn(&Tensor) -> Result<Tensor, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.decoder = Some(DecoderInputs(Arc::new(prepare)));
        self
    }

    /// The rows as one batch.
    ///
    /// # Errors
    /// As [`DataCollatorWithPadding::batch`](crate::DataCollatorWithPadding::batch), for labels too, and [`Error::DecoderInputs`].
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        let Some(name) = labels::column_of(rows) else {
            return Ok(self.padding.batch(rows, &[])?.0);
        };
        let (mut batch, _) = self.padding.batch(rows, &[name])?;
        let column = rows.column(name)?;
        if all_null(&column)? {
            return Ok(batch);
        }
        let lists = Lists::of_rows(rows, &column)?;
        let labels = self.padding.label_widths(&lists)?;
        let labels = labels.pad(&lists, self.label_pad_token_id)?;
        let decoder = match &self.decoder {
            Some(prepare) => Some(prepare.0(&labels).map_err(Error::DecoderInputs)?),
            None => None,
        };
        batch.insert("labels", labels);
        if let Some(ids) = decoder {
            batch.insert("decoder_input_ids", ids);
        }
        Ok(batch)
    }
}

fn all_null(column: &ColumnRows<'_>) -> Result<bool> {
    for k in 0..column.len() {
        if !column.is_null(k)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Collate for DataCollatorForSeq2Seq {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &labels::NAMES
    }

    by_tokenizer!();
}

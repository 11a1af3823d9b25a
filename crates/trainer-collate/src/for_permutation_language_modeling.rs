use tch::{Device, Kind, Tensor};
use trainer_data::{BoxError, Collate, DrawBatch, Rows};
use trainer_tokenize::Tokenizer;

use crate::labels::IGNORED;
use crate::pad::Lists;
use crate::special_tokens::{are_special, mask_token_id};
use crate::token_padding::{TokenPadding, by_tokenizer, check_column};
use crate::{Batch, Error, Result};

const IDS: &str = "input_ids";

/// Hides spans of tokens and puts them in an order in which a model guesses them: Hugging Face's
/// `DataCollatorForPermutationLanguageModeling`, for [XLNet](https://arxiv.org/abs/1906.08237).
///
/// Of the rows' `input_ids` alone, padded to the longest, which must have an even number of tokens, a batch has
///
/// - `input_ids`, `[rows, length]`, int64: in each stretch of `span / plm_probability` tokens one span, of 1 to `max_span_length` tokens, is
///   hidden by the mask token;
/// - `labels`, `[rows, length]`, int64: the hidden tokens, and -100, which no loss counts, elsewhere;
/// - `perm_mask`, `[rows, length, length]`, float32: 1 at `[k, i, j]` where token `i` must not see token `j`, which is hidden and does not
///   come before it;
/// - `target_mapping`, `[rows, length, length]`, float32: the token that each guess is for, its own.
///
/// Special tokens and padding are never hidden. What is drawn, from libtorch's default generator, equals what Python draws from it. As part
/// of a `DataLoader`, batches are drawn for in their order, whatever its workers do.
///
/// ```
/// use trainer_collate::DataCollatorForPermutationLanguageModeling;
/// # fn collator(tokenizer: &trainer_tokenize::Tokenizer) -> DataCollatorForPermutationLanguageModeling {
/// DataCollatorForPermutationLanguageModeling::new(tokenizer).max_span_length(3)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorForPermutationLanguageModeling {
    padding: TokenPadding,
    plm_probability: f64,
    max_span_length: usize,
}

impl DataCollatorForPermutationLanguageModeling {
    /// Hides one token in six, in spans of at most 5.
    #[must_use]
    pub fn new(tokenizer: &Tokenizer) -> Self {
        Self {
            padding: TokenPadding::new(tokenizer),
            plm_probability: 1.0 / 6.0,
            max_span_length: 5,
        }
    }

    /// The share of tokens that are hidden, above 0 and at most 1. 1/6 by default.
    #[must_use]
    pub fn plm_probability(mut self, probability: f64) -> Self {
        self.plm_probability = probability;
        self
    }

    /// The most tokens of a span, at least 1. 5 by default.
    #[must_use]
    pub fn max_span_length(mut self, length: usize) -> Self {
        self.max_span_length = length;
        self
    }

    /// The tokenizer that pads.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.padding.tokenizer
    }

    /// The rows as one batch, with what was drawn for it.
    ///
    /// # Errors
    /// When the ids are missing, no lists of whole numbers or, padded, of an odd number, when the tokenizer has no padding or no mask token,
    /// and when an option cannot be.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        self.permuted(self.padded(rows)?)
    }

    fn padded(&self, rows: &Rows<'_>) -> Result<Batch> {
        self.check_options()?;
        mask_token_id(self.tokenizer())?;
        check_column(rows, IDS)?;
        let column = rows.column(IDS)?;
        let lists = Lists::of_rows(rows, &column)?;
        let widths = self.padding.widths(&lists)?;
        if widths.width == 0 || widths.width % 2 == 1 {
            let longest = widths.lengths.iter().position(|&have| have == widths.width);
            return Err(Error::OddLength {
                column: IDS.to_owned(),
                row: lists.row(longest.unwrap_or(0)),
                found: widths.width,
            });
        }
        let fill = self.tokenizer().pad_token_id().map_or(0, i64::from);
        let mut batch = Batch::new();
        batch.insert(IDS, widths.pad(&lists, fill)?);
        Ok(batch)
    }

    fn check_options(&self) -> Result<()> {
        let probability = self.plm_probability;
        if !(probability > 0.0 && probability <= 1.0) {
            return Err(Error::Option {
                name: "plm_probability",
                value: probability,
                reason: "a probability above 0 and at most 1 is expected",
            });
        }
        if self.max_span_length == 0 {
            return Err(Error::Option {
                name: "max_span_length",
                value: 0.0,
                reason: "a span has at least one token",
            });
        }
        Ok(())
    }

    /// `torch_mask_tokens`.
    fn permuted(&self, mut batch: Batch) -> Result<Batch> {
        let ids = batch.take(IDS)?;
        let (rows, length) = ids.size2()?;
        let hidden = self.draw_spans(rows, length)?;
        let mut never = are_special(&ids, self.tokenizer())?;
        if let Some(pad) = self.tokenizer().pad_token_id() {
            never = never.f_logical_or(&ids.f_eq(i64::from(pad))?)?;
        }
        let ordinary = never.f_logical_not()?;
        let hidden = hidden.f_logical_and(&ordinary)?;
        let shown = hidden.f_logical_not()?;
        let orders = draw_orders(rows, length)?;
        let orders = orders.f_masked_fill(&shown.f_logical_and(&ordinary)?, -1)?;
        let later = orders
            .f_unsqueeze(2)?
            .f_le_tensor(&orders.f_unsqueeze(1)?)?;
        let unseen = later.f_logical_and(&hidden.f_unsqueeze(1)?)?;
        let own = Tensor::f_eye(length, (Kind::Float, Device::Cpu))?;
        let own = own.f_expand([rows, length, length], false)?;
        batch.insert(
            IDS,
            ids.f_masked_fill(&hidden, mask_token_id(self.tokenizer())?)?,
        );
        batch.insert("perm_mask", unseen.f_to_kind(Kind::Float)?);
        batch.insert("target_mapping", own.f_contiguous()?);
        batch.insert("labels", ids.f_masked_fill(&shown, IGNORED)?);
        Ok(batch)
    }

    /// Draws the spans to hide, `[rows, length]`, bool.
    fn draw_spans(&self, rows: i64, length: i64) -> Result<Tensor> {
        let longest = i64::try_from(self.max_span_length).unwrap_or(i64::MAX - 1);
        let size = usize::try_from(length).unwrap_or(0);
        let mut hidden = vec![false; size * usize::try_from(rows).unwrap_or(0)];
        for row in hidden.chunks_mut(size.max(1)) {
            let mut begin = 0;
            while begin < length {
                let span = draw(1, longest.saturating_add(1))?;
                // The conversion saturates; a stretch is no shorter than its span.
                let stretch = ((span as f64 / self.plm_probability) as i64).max(span);
                let at = begin.saturating_add(draw(0, (stretch - span).saturating_add(1))?);
                for place in at..at.saturating_add(span).min(length) {
                    row[usize::try_from(place).unwrap_or(0)] = true;
                }
                begin = begin.saturating_add(stretch);
            }
        }
        let hidden = Tensor::f_from_slice(&hidden)?.f_to_kind(Kind::Bool)?;
        Ok(hidden.f_view([rows, length])?)
    }
}

/// Draws a number in `low..high`.
fn draw(low: i64, high: i64) -> Result<i64> {
    let number = Tensor::f_randint_low(low, high, [1], (Kind::Int64, Device::Cpu))?;
    Ok(number.f_int64_value(&[0])?)
}

/// Draws for each row the order in which its tokens are guessed, `[rows, length]`, int64: both halves of a row in the same order, one after
/// the other, since XLNet remembers the first while it reads the second.
fn draw_orders(rows: i64, length: i64) -> Result<Tensor> {
    let half = length / 2;
    let mut orders = Vec::new();
    for _ in 0..rows {
        let order = Tensor::f_randperm(half, (Kind::Int64, Device::Cpu))?;
        let second = order.f_add_scalar(half)?;
        orders.push(Tensor::f_cat(&[order, second], 0)?);
    }
    Ok(Tensor::f_stack(&orders, 0)?)
}

impl Collate for DataCollatorForPermutationLanguageModeling {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.padded(rows)?)
    }

    fn random(&self) -> Option<&dyn DrawBatch<Batch>> {
        Some(self)
    }

    by_tokenizer!();
}

impl DrawBatch<Batch> for DataCollatorForPermutationLanguageModeling {
    fn draw(&self, batch: Batch) -> Result<Batch, BoxError> {
        Ok(self.permuted(batch)?)
    }

    fn generator_state(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(None)
    }

    fn set_generator_state(&self, _: &[u8]) -> Result<(), BoxError> {
        Err("DataCollatorForPermutationLanguageModeling has no generator of its own".into())
    }
}

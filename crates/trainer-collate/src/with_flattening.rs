use tch::Tensor;
use trainer_data::{BoxError, Collate, Rows};

use crate::labels::IGNORED;
use crate::pad::Lists;
use crate::token_padding::check_column;
use crate::{Batch, Error, Result};

const IDS: &str = "input_ids";
const LABELS: &str = "labels";

/// Puts the rows of a batch one behind the other, without padding: Hugging Face's `DataCollatorWithFlattening`.
///
/// Of the rows' `input_ids`, and of their `labels` where they have some (one for each token), a batch has
///
/// - `input_ids`, `[1, tokens]`, int64;
/// - `labels`, `[1, tokens]`, int64: the labels, or else the ids, with [`separator_id`](Self::separator_id) for the first of each row;
/// - `position_ids`, `[1, tokens]`, int64, which begin anew with each row, unless [`return_position_ids`](Self::return_position_ids) is off;
/// - `seq_idx`, `[1, tokens]`, int32, the number of the row in the batch, with [`return_seq_idx`](Self::return_seq_idx);
/// - `cu_seq_lens_q` and `cu_seq_lens_k`, `[rows + 1]`, int32, where rows begin and end, and `max_length_q` and `max_length_k`, `[]`, int64,
///   the length of the longest, with [`return_flash_attn_kwargs`](Self::return_flash_attn_kwargs).
///
/// There is no attention mask. It is for models that part rows by these tensors; one that does not reads them as one long text. The models of
/// `trainer-models` need no such batches: with `Compute::Fast` they take padding out by themselves.
///
/// ```
/// use trainer_collate::DataCollatorWithFlattening;
/// use trainer_data::{Column, Columns, Dataset};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let columns = Columns::new().with("input_ids", Column::int_lists([vec![5, 6, 7], vec![8, 9]]));
/// let rows = Dataset::from_columns(columns)?;
/// let batch = DataCollatorWithFlattening::new().batch(&rows.all_rows())?;
/// assert_eq!(Vec::<i64>::try_from(&batch.require("position_ids")?.get(0))?, [0, 1, 2, 0, 1]);
/// assert_eq!(Vec::<i64>::try_from(&batch.require("labels")?.get(0))?, [-100, 6, 7, -100, 9]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DataCollatorWithFlattening {
    return_position_ids: bool,
    position_ids_start: i64,
    separator_id: i64,
    return_flash_attn_kwargs: bool,
    return_seq_idx: bool,
}

impl DataCollatorWithFlattening {
    /// Makes ids, labels and positions.
    #[must_use]
    pub fn new() -> Self {
        Self {
            return_position_ids: true,
            position_ids_start: 0,
            separator_id: IGNORED,
            return_flash_attn_kwargs: false,
            return_seq_idx: false,
        }
    }

    /// Whether there are `position_ids`. Yes by default.
    #[must_use]
    pub fn return_position_ids(mut self, positions: bool) -> Self {
        self.return_position_ids = positions;
        self
    }

    /// The position of each row's first token. 0 by default; RoBERTa and models like it count from `pad_token_id + 1` on.
    #[must_use]
    pub fn position_ids_start(mut self, start: i64) -> Self {
        self.position_ids_start = start;
        self
    }

    /// The label of each row's first token. By default -100, which no loss counts.
    #[must_use]
    pub fn separator_id(mut self, id: i64) -> Self {
        self.separator_id = id;
        self
    }

    /// Whether there are `cu_seq_lens_q`, `cu_seq_lens_k`, `max_length_q` and `max_length_k`. No by default.
    #[must_use]
    pub fn return_flash_attn_kwargs(mut self, lengths: bool) -> Self {
        self.return_flash_attn_kwargs = lengths;
        self
    }

    /// Whether there is `seq_idx`. No by default.
    #[must_use]
    pub fn return_seq_idx(mut self, numbers: bool) -> Self {
        self.return_seq_idx = numbers;
        self
    }

    /// The rows as one batch.
    ///
    /// # Errors
    /// When `input_ids` are missing, a column holds something else than lists of whole numbers, a row has no token or not one label for
    /// each, and when there are 2^31 tokens or more; the errors name the column and the row.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        check_column(rows, IDS)?;
        let column = rows.column(IDS)?;
        let ids = Lists::of_rows(rows, &column)?;
        let ends = ends(&ids)?;
        let mut batch = Batch::new();
        batch.insert(IDS, line(&ids.concat(None))?);
        let labels = match rows.has_column(LABELS) {
            true => {
                let column = rows.column(LABELS)?;
                let labels = Lists::of_rows(rows, &column)?;
                labels.check_lengths(&ids.lengths())?;
                line(&labels.concat(Some(self.separator_id)))?
            }
            false => line(&ids.concat(Some(self.separator_id)))?,
        };
        batch.insert(LABELS, labels);
        self.insert_bounds(&mut batch, &ids.lengths(), &ends)?;
        Ok(batch)
    }

    /// Adds what says where rows begin and end.
    fn insert_bounds(&self, batch: &mut Batch, lengths: &[usize], ends: &[i32]) -> Result<()> {
        if self.return_position_ids {
            let start = self.position_ids_start;
            let positions = lengths.iter().flat_map(|&length| 0..length as i64);
            let positions: Vec<i64> = positions.map(|k| start.saturating_add(k)).collect();
            batch.insert("position_ids", line(&positions)?);
        }
        if self.return_seq_idx {
            let numbers = lengths.iter().zip(0_i32..);
            let numbers = numbers.flat_map(|(&length, k)| std::iter::repeat_n(k, length));
            let numbers: Vec<i32> = numbers.collect();
            batch.insert("seq_idx", Tensor::f_from_slice(&numbers)?.f_unsqueeze(0)?);
        }
        if self.return_flash_attn_kwargs {
            let longest = lengths.iter().copied().max().unwrap_or(0) as i64;
            for name in ["cu_seq_lens_q", "cu_seq_lens_k"] {
                batch.insert(name, Tensor::f_from_slice(ends)?);
            }
            for name in ["max_length_q", "max_length_k"] {
                let longest = Tensor::f_from_slice(&[longest])?;
                batch.insert(name, longest.f_view([0_i64; 0])?);
            }
        }
        Ok(())
    }
}

impl Default for DataCollatorWithFlattening {
    fn default() -> Self {
        Self::new()
    }
}

/// Where the rows end, after a 0.
fn ends(ids: &Lists<'_>) -> Result<Vec<i32>> {
    let mut ends = vec![0];
    let mut end = 0_usize;
    for (k, &length) in ids.lengths().iter().enumerate() {
        end += length;
        match i32::try_from(end) {
            Ok(end) if length > 0 => ends.push(end),
            _ => {
                return Err(Error::Length {
                    column: ids.name().to_owned(),
                    row: ids.row(k),
                    found: length,
                    expected: "at least one token, and fewer than 2^31 in all rows of a batch",
                });
            }
        }
    }
    Ok(ends)
}

/// Numbers as `[1, numbers]`, int64.
fn line(numbers: &[i64]) -> Result<Tensor> {
    Ok(Tensor::f_from_slice(numbers)?.f_unsqueeze(0)?)
}

impl Collate for DataCollatorWithFlattening {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &[LABELS]
    }
}

//! Made-up rows of token numbers whose lengths are distributed as MRPC's, and the sizes of the models: `sizes.json`, which
//! `parity/gpu.py` reads too and makes the same rows of.

use serde::Deserialize;
use serde_json::{Map, Value};
use trainer::prelude::*;

/// The numbers below are those of special tokens in every vocabulary here.
pub(crate) const FIRST_WORD: i64 = 104;

/// What `sizes.json` says.
#[derive(Deserialize)]
pub(crate) struct Sizes {
    /// 32 quantiles of the lengths of MRPC's rows, two sentences each, in tokens of `bert-base-cased`.
    lengths: Vec<usize>,
    /// BERT-base.
    pub(crate) base: Size,
    /// Sizes at which a CPU is soon done.
    pub(crate) tiny: Size,
}

/// A model, and how much of it is timed.
#[derive(Deserialize)]
pub(crate) struct Size {
    /// Steps that do not count.
    pub(crate) warm_up: u64,
    pub(crate) steps: u64,
    /// Steps that are timed together.
    pub(crate) block: u64,
    /// Rows to predict.
    pub(crate) predicted: usize,
    pub(crate) config: Map<String, Value>,
}

impl Size {
    pub(crate) fn vocabulary(&self) -> i64 {
        self.config["vocab_size"].as_i64().unwrap_or_default()
    }

    /// The configuration with some keys changed.
    pub(crate) fn config(&self, changed: &Value) -> trainer::Result<PretrainedConfig> {
        let mut config = self.config.clone();
        config.extend(changed.as_object().cloned().unwrap_or_default());
        let text = Value::from(config).to_string();
        Ok(PretrainedConfig::from_json(&text, "sizes.json")?)
    }
}

impl Sizes {
    pub(crate) fn read() -> trainer::Result<Self> {
        Ok(serde_json::from_str(include_str!("sizes.json"))?)
    }

    /// So many rows of words of a vocabulary. The first word decides the label: whether its number is in the upper half.
    pub(crate) fn rows(&self, count: usize, vocabulary: i64) -> trainer::Result<Dataset> {
        let words = vocabulary - FIRST_WORD;
        let word = |row: usize, at: usize| (row as i64 * 7919 + at as i64 * 104_729) % words;
        let length = |row: usize| self.lengths[row * 13 % self.lengths.len()];
        let ids = (0..count).map(|row| {
            let row = (0..length(row)).map(move |at| FIRST_WORD + word(row, at));
            row.collect::<Vec<_>>()
        });
        let labels = (0..count).map(|row| i64::from(word(row, 0) >= words / 2));
        let columns = Columns::new().with("label", Column::ints(labels));
        let columns = columns.with("input_ids", Column::int_lists(ids));
        Ok(Dataset::from_columns(columns)?)
    }
}

/// Rows filled up to the longest of their batch with the number of padding, and a mask. As in Python's
/// `DataCollatorWithPadding`, for rows that no tokenizer made.
pub(crate) struct Pad(pub(crate) i64);

impl Collate for Pad {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        let (ids, label) = (rows.column("input_ids")?, rows.column("label")?);
        let lists: Vec<_> = (0..rows.len())
            .map(|row| ids.int_list(row))
            .collect::<Result<_, _>>()?;
        let width = lists.iter().map(|list| list.len()).max().unwrap_or(0);
        let (mut flat, mut mask, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for (row, list) in lists.iter().enumerate() {
            flat.extend_from_slice(list);
            mask.extend(vec![1_i64; list.len()]);
            flat.resize((row + 1) * width, self.0);
            mask.resize((row + 1) * width, 0);
            labels.push(label.int(row)?);
        }
        let tensor = |flat: &[i64]| -> Result<_, tch::TchError> {
            let shape = [rows.len() as i64, width as i64];
            tch::Tensor::f_from_slice(flat)?.f_view(shape)
        };
        let mut batch = Batch::new();
        batch.insert("input_ids", tensor(&flat)?);
        batch.insert("attention_mask", tensor(&mask)?);
        batch.insert("labels", tch::Tensor::f_from_slice(&labels)?);
        Ok(batch)
    }

    fn label_columns(&self) -> &[&str] {
        &["label"]
    }
}

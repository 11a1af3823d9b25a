use trainer::prelude::*;
use trainer::tch::Tensor;

/// Fills rows up with word 0, to the longest of the batch.
pub struct PadWithZeros;

impl Collate for PadWithZeros {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        let (words, labels) = (rows.column("input_ids")?, rows.column("label")?);
        let count = rows.len();
        let lists = (0..count)
            .map(|row| Ok(words.int_list(row)?.to_vec()))
            .collect::<Result<Vec<_>, BoxError>>()?;
        let labels = (0..count)
            .map(|row| Ok(labels.int(row)?))
            .collect::<Result<Vec<_>, BoxError>>()?;
        let width = lists.iter().map(Vec::len).max().unwrap_or(0);
        let padded = |mut list: Vec<i64>| {
            list.resize(width, 0);
            list
        };
        let words: Vec<i64> = lists.into_iter().flat_map(padded).collect();
        let shape = [i64::try_from(count)?, i64::try_from(width)?];
        let mut batch = Batch::new();
        batch.insert("input_ids", Tensor::f_from_slice(&words)?.f_reshape(shape)?);
        batch.insert("labels", Tensor::f_from_slice(&labels)?);
        Ok(batch)
    }

    fn label_columns(&self) -> &[&str] {
        &["label"]
    }
}

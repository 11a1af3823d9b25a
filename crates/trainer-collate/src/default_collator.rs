use trainer_data::{BoxError, Collate, ColumnRows, Feature, Rows};

use crate::stack::{Numbers, stack};
use crate::{Batch, Error, Result};

/// Stacks columns that need no padding: Hugging Face's `DefaultDataCollator`.
///
/// `label` becomes `labels` (whole numbers int64, others and lists float32), else `label_ids`, lists of one length,
/// does (int64 or float32). Every other column is stacked: whole numbers to int64, others to float32, truth values to
/// bool, lists of one length to one more dimension. Columns of texts, and those that have no value in the first row, are
/// left out, as in Python.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultDataCollator;

impl DefaultDataCollator {
    /// The rows as one batch.
    ///
    /// # Errors
    /// When a value is missing, lists differ in length or a column is no numbers; the errors name the column and the row.
    pub fn batch(&self, rows: &Rows<'_>) -> Result<Batch> {
        if rows.is_empty() {
            return Err(Error::NoRows);
        }
        let mut batch = Batch::new();
        for (name, scalars) in [("label", true), ("label_ids", false)] {
            if !rows.has_column(name) || batch.get("labels").is_some() {
                continue;
            }
            let column = rows.column(name)?;
            if !column.is_null(0)? {
                batch.insert("labels", labels(rows, &column, scalars)?);
            }
        }
        for name in rows
            .column_names()
            .filter(|name| !["label", "label_ids"].contains(name))
        {
            let column = rows.column(name)?;
            if *column.feature() != Feature::String && !column.is_null(0)? {
                batch.insert(name, stack(rows, &column, Numbers::Inferred)?);
            }
        }
        Ok(batch)
    }
}

/// `label` is float32 unless it is one whole number a row; `label_ids` is so by its elements.
fn labels(rows: &Rows<'_>, column: &ColumnRows<'_>, scalars: bool) -> Result<tch::Tensor> {
    let numbers = match (column.feature(), scalars) {
        (Feature::List(_), true) => Numbers::Float,
        (Feature::List(_), false) | (_, true) => Numbers::Int,
        (feature, false) => {
            return Err(Error::NotNumbers {
                column: column.name().to_owned(),
                feature: feature.clone(),
            });
        }
    };
    stack(rows, column, numbers)
}

impl Collate for DefaultDataCollator {
    type Batch = Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Batch, BoxError> {
        Ok(self.batch(rows)?)
    }

    fn label_columns(&self) -> &[&str] {
        &["labels", "label", "label_ids"]
    }
}

//! Columns of lists that are filled up to one length.

use std::borrow::Cow;

use tch::Tensor;
use trainer_data::{ColumnRows, Feature, Rows};
use trainer_tokenize::Side;

use crate::{Error, Result};

/// The rows' lengths before padding and the length that they get.
pub(crate) struct Widths {
    pub(crate) lengths: Vec<usize>,
    pub(crate) width: usize,
    pub(crate) side: Side,
}

impl Widths {
    /// The tensor `[rows, width]`, int64, of a column whose short rows are filled with `fill`.
    pub(crate) fn pad(
        &self,
        rows: &Rows<'_>,
        column: &ColumnRows<'_>,
        fill: i64,
    ) -> Result<Tensor> {
        let mut flat = vec![fill; self.lengths.len() * self.width];
        for (k, &length) in self.lengths.iter().enumerate() {
            let list = int_list(rows, column, k)?;
            if list.len() != length {
                return Err(Error::Misaligned {
                    column: column.name().to_owned(),
                    row: rows.number(k).unwrap_or(k),
                    expected: length,
                    found: list.len(),
                });
            }
            flat[self.place(k, length)].copy_from_slice(&list);
        }
        self.tensor(&flat)
    }

    /// The attention mask of rows that come without one: 1 for what is there, 0 for padding.
    pub(crate) fn mask(&self) -> Result<Tensor> {
        let mut flat = vec![0; self.lengths.len() * self.width];
        for (k, &length) in self.lengths.iter().enumerate() {
            flat[self.place(k, length)].fill(1);
        }
        self.tensor(&flat)
    }

    /// Where the `length` values of row `k` stand; no row is longer than the width.
    fn place(&self, k: usize, length: usize) -> std::ops::Range<usize> {
        let begin = match self.side {
            Side::Right => k * self.width,
            Side::Left => (k + 1) * self.width - length,
        };
        begin..begin + length
    }

    fn tensor(&self, flat: &[i64]) -> Result<Tensor> {
        let shape = [self.lengths.len() as i64, self.width as i64];
        Ok(Tensor::f_from_slice(flat)?.f_view(shape)?)
    }
}

/// The whole numbers of a row's list.
pub(crate) fn int_list<'c>(
    rows: &Rows<'_>,
    column: &'c ColumnRows<'_>,
    k: usize,
) -> Result<Cow<'c, [i64]>> {
    match column.feature() {
        Feature::List(element) if element.is_int() || **element == Feature::Bool => {}
        feature => {
            return Err(Error::NotNumbers {
                column: column.name().to_owned(),
                feature: feature.clone(),
            });
        }
    }
    if column.is_null(k)? {
        return Err(Error::Null {
            column: column.name().to_owned(),
            row: rows.number(k).unwrap_or(k),
        });
    }
    Ok(column.int_list(k)?)
}

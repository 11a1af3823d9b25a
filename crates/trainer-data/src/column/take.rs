use arrow2::array::{Array, growable::make_growable};

use super::Column;

impl Column {
    /// The given rows, in the given order. Every row number is below the number of rows; the callers see to that.
    pub(crate) fn take(&self, rows: impl ExactSizeIterator<Item = usize>) -> Self {
        let mut taken = make_growable(&[self.array()], false, rows.len());
        for row in rows {
            taken.extend(0, row, 1);
        }
        Self::of(self.feature().clone(), taken.as_box())
    }

    /// As [`Self::take`], with a missing value where no row is named.
    pub(crate) fn take_some(&self, rows: impl ExactSizeIterator<Item = Option<usize>>) -> Self {
        let mut taken = make_growable(&[self.array()], true, rows.len());
        for row in rows {
            match row {
                Some(row) => taken.extend(0, row, 1),
                None => taken.extend_validity(1),
            }
        }
        Self::of(self.feature().clone(), taken.as_box())
    }
}

/// The rows of all `columns`, which have the same feature, one after the other.
pub(crate) fn concatenate(columns: &[Column]) -> Option<Column> {
    let first = columns.first()?;
    if columns.len() == 1 {
        return Some(first.clone());
    }
    let arrays: Vec<&dyn Array> = columns.iter().map(Column::array).collect();
    let total = arrays.iter().map(|array| array.len()).sum();
    let mut all = make_growable(&arrays, false, total);
    for (at, array) in arrays.iter().enumerate() {
        all.extend(at, 0, array.len());
    }
    Some(Column::of(first.feature().clone(), all.as_box()))
}

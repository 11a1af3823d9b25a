//! The lengths of rows, for samplers that choose by them.

use crate::{ColumnRows, Dataset, Error, Feature, Result};

/// The whole numbers in `column`, or the lengths of its lists, of all rows.
///
/// # Errors
/// [`Error::UnknownColumn`]; [`Error::WrongType`] for a row without a length, or a negative one.
pub(crate) fn lengths(data: &Dataset, column: &str) -> Result<Vec<usize>> {
    let rows = data.all_rows();
    let values = rows.column(column)?;
    (0..values.len()).map(|k| length(&values, k)).collect()
}

fn length(values: &ColumnRows<'_>, k: usize) -> Result<usize> {
    if matches!(values.feature(), Feature::List(_)) {
        return values.list_len(k);
    }
    let length = values.int(k)?;
    usize::try_from(length).map_err(|_| Error::WrongType {
        column: values.name().to_owned(),
        row: Some(k),
        expected: "a length".to_owned(),
        found: length.to_string(),
    })
}

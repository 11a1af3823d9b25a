//! Rows of a case, and labels that are made up.

use trainer::prelude::*;

use super::Task;

pub(crate) fn load_rows(task: Task) -> trainer::Result<DatasetDict> {
    Ok(match task {
        Task::Stsb => load_dataset("glue", "stsb")?,
        Task::MultiLabel | Task::Shares => load_dataset("glue", "mrpc")?
            .map(three_labels)?
            .remove_columns(&["label"])?,
        _ => load_dataset("glue", "mrpc")?,
    })
}

/// Every fifth label does not count.
pub(crate) fn uncounted(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let (label, idx) = (rows.column("label")?, rows.column("idx")?);
    let labels = (0..rows.len())
        .map(|row| {
            let counts = idx.int(row)? % 5 != 0;
            Ok(if counts { label.int(row)? } else { -100 })
        })
        .collect::<Result<Vec<_>, trainer::data::Error>>()?;
    Ok(Columns::new().with("label", Column::ints(labels)))
}

/// Three labels that follow from a row: its own, and two from its number.
fn three_labels(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let (label, idx) = (rows.column("label")?, rows.column("idx")?);
    let flag = |yes: bool| f64::from(u8::from(yes));
    let labels = (0..rows.len())
        .map(|row| {
            let (label, idx) = (label.int(row)?, idx.int(row)?);
            Ok([flag(label == 1), flag(idx % 2 == 1), flag(idx % 3 == 0)])
        })
        .collect::<Result<Vec<_>, trainer::data::Error>>()?;
    Ok(Columns::new().with("labels", Column::float_lists(labels)))
}

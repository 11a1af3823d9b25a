use trainer_data::Rows;

use crate::Batch;

/// The label that no loss and no metric counts.
pub(crate) const IGNORED: i64 = -100;

/// Where collators look for labels, the name that wins first, and under which they give them.
pub(crate) const NAMES: [&str; 2] = ["label", "labels"];

/// The column of [`NAMES`] that `rows` have.
pub(crate) fn column_of(rows: &Rows<'_>) -> Option<&'static str> {
    NAMES.into_iter().find(|name| rows.has_column(name))
}

/// Renames what Python's collators rename: `label`, then `label_ids`, to `labels`, which is what models take.
pub(crate) fn rename(batch: &mut Batch) {
    for name in ["label", "label_ids"] {
        if let Some(tensor) = batch.remove(name) {
            batch.insert("labels", tensor);
        }
    }
}

use crate::Batch;

/// The label that no loss and no metric counts.
pub(crate) const IGNORED: i64 = -100;

/// Renames what Python's collators rename: `label`, then `label_ids`, to `labels`, which is what models take.
pub(crate) fn rename(batch: &mut Batch) {
    for name in ["label", "label_ids"] {
        if let Some(tensor) = batch.remove(name) {
            batch.insert("labels", tensor);
        }
    }
}

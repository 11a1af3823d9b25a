use std::path::Path;
use std::sync::Arc;

use super::DrawBatch;
use crate::{BoxError, Rows};

/// Makes one batch of some rows.
pub trait Collate: Send + Sync {
    /// What a batch is.
    type Batch: Send + 'static;

    /// The batch of `rows`, of which there is at least one.
    ///
    /// Called once for each batch, from any of the loader's workers and in no particular order, so the result must
    /// depend on `rows` alone. What is drawn at random is left to [`random`](Self::random).
    ///
    /// # Errors
    /// Whatever makes the rows unusable; the loader adds which batch and rows it was and ends the epoch there.
    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError>;

    /// The columns that labels are made of, the one that wins first, so that they can be looked at before the first batch:
    /// rows without a value, numbers that are no class. By default none is known, and labels are looked at batch by batch.
    fn label_columns(&self) -> &[&str] {
        &[]
    }

    /// The number that fills rows up, for counts of what is no padding. By default not known.
    fn pad_token_id(&self) -> Option<i64> {
        None
    }

    /// The columns that batches are made of beside those that the model takes, so that a trainer leaves them in.
    fn input_columns(&self) -> &[&str] {
        &[]
    }

    /// What is drawn at random for each batch after [`collate`](Self::collate), if anything is.
    fn random(&self) -> Option<&dyn DrawBatch<Self::Batch>> {
        None
    }

    /// Writes what prepared the rows, such as a tokenizer, into `folder`, which exists: a trainer that was given nothing
    /// else to save beside its model calls this. By default nothing is written.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        let _ = folder;
        Ok(())
    }
}

impl<C: Collate + ?Sized> Collate for Box<C> {
    type Batch = C::Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        (**self).collate(rows)
    }

    fn label_columns(&self) -> &[&str] {
        (**self).label_columns()
    }

    fn pad_token_id(&self) -> Option<i64> {
        (**self).pad_token_id()
    }

    fn input_columns(&self) -> &[&str] {
        (**self).input_columns()
    }

    fn random(&self) -> Option<&dyn DrawBatch<Self::Batch>> {
        (**self).random()
    }

    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        (**self).save_pretrained(folder)
    }
}

impl<C: Collate + ?Sized> Collate for Arc<C> {
    type Batch = C::Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        (**self).collate(rows)
    }

    fn label_columns(&self) -> &[&str] {
        (**self).label_columns()
    }

    fn pad_token_id(&self) -> Option<i64> {
        (**self).pad_token_id()
    }

    fn input_columns(&self) -> &[&str] {
        (**self).input_columns()
    }

    fn random(&self) -> Option<&dyn DrawBatch<Self::Batch>> {
        (**self).random()
    }

    fn save_pretrained(&self, folder: &Path) -> Result<(), BoxError> {
        (**self).save_pretrained(folder)
    }
}

/// A closure as a [`Collate`]; made by [`collate_fn`].
#[derive(Debug, Clone, Copy)]
pub struct CollateFn<F>(F);

/// `function` as a [`Collate`].
pub fn collate_fn<F, B>(function: F) -> CollateFn<F>
where
    F: Fn(&Rows<'_>) -> Result<B, BoxError> + Send + Sync,
    B: Send + 'static,
{
    CollateFn(function)
}

impl<F, B> Collate for CollateFn<F>
where
    F: Fn(&Rows<'_>) -> Result<B, BoxError> + Send + Sync,
    B: Send + 'static,
{
    type Batch = B;

    fn collate(&self, rows: &Rows<'_>) -> Result<B, BoxError> {
        (self.0)(rows)
    }
}

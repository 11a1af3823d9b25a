use std::sync::Arc;

use crate::{BoxError, Rows};

/// Makes one batch of some rows.
pub trait Collate: Send + Sync {
    /// What a batch is.
    type Batch: Send + 'static;

    /// The batch of `rows`, of which there is at least one.
    ///
    /// Called once for each batch, from any of the loader's workers and in no particular order, so the result must
    /// depend on `rows` alone.
    ///
    /// # Errors
    /// Whatever makes the rows unusable; the loader adds which batch and rows it was and ends the epoch there.
    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError>;
}

impl<C: Collate + ?Sized> Collate for Box<C> {
    type Batch = C::Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        (**self).collate(rows)
    }
}

impl<C: Collate + ?Sized> Collate for Arc<C> {
    type Batch = C::Batch;

    fn collate(&self, rows: &Rows<'_>) -> Result<Self::Batch, BoxError> {
        (**self).collate(rows)
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

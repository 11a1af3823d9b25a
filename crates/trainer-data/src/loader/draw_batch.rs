use crate::BoxError;

/// The random part of making a batch, such as which of its tokens are masked.
///
/// A [`DataLoader`](super::DataLoader) calls it on the thread that reads the batches, for one after the other in their order, so
/// that the numbers drawn do not depend on its workers.
pub trait DrawBatch<B>: Send + Sync {
    /// What becomes of a batch.
    ///
    /// # Errors
    /// Whatever makes the batch unusable; the loader adds which batch and rows it was.
    fn draw(&self, batch: B) -> Result<B, BoxError>;

    /// Where the generator stands, for one that belongs to the collator; nothing for libtorch's default one. A trainer keeps it in
    /// its checkpoints.
    ///
    /// # Errors
    /// When the state cannot be had.
    fn generator_state(&self) -> Result<Option<Vec<u8>>, BoxError>;

    /// Sets the collator's own generator to a state that [`generator_state`](Self::generator_state) gave.
    ///
    /// # Errors
    /// When it is no such state, or there is no generator of its own.
    fn set_generator_state(&self, state: &[u8]) -> Result<(), BoxError>;
}

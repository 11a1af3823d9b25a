use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::Collate;
use crate::{
    BoxError, Dataset, Error, IterableBatches, IterableDataset, IterableState, Result,
    panics::message,
};

/// Batches of a stream, epoch after epoch: a [`DataLoader`](super::DataLoader) for an [`IterableDataset`].
///
/// They are made on the thread that reads them, while another reads the file at hand ahead.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, IterableDataLoader, Rows, collate_fn};
/// let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..10)))?;
/// let collate = collate_fn(|rows: &Rows<'_>| {
///     let x = rows.column("x")?;
///     Ok((0..rows.len()).map(|k| x.int(k)).collect::<Result<Vec<_>, _>>()?)
/// });
/// let loader = IterableDataLoader::new(data.to_iterable_dataset(1)?, collate, 4);
/// let mut batches = loader.iter(0)?;
/// assert_eq!(batches.next().transpose()?, Some(vec![0, 1, 2, 3]));
/// let state = batches.state_dict();
/// let mut rest = loader.iter_from(&state, 1)?;
/// assert_eq!(rest.next().transpose()?, Some(vec![4, 5, 6, 7]));
/// # Ok::<(), trainer_data::Error>(())
/// ```
pub struct IterableDataLoader<B> {
    stream: IterableDataset,
    collate: Arc<dyn Collate<Batch = B>>,
    batch_size: usize,
    drop_last: bool,
}

impl<B: Send + 'static> IterableDataLoader<B> {
    /// A loader of `stream` (or a reference to one) whose batches of `batch_size` rows `collate` makes. The last may have fewer rows.
    pub fn new(
        stream: impl Into<IterableDataset>,
        collate: impl Collate<Batch = B> + 'static,
        batch_size: usize,
    ) -> Self {
        Self {
            stream: stream.into(),
            collate: Arc::new(collate),
            batch_size,
            drop_last: false,
        }
    }

    /// Whether a last batch with fewer rows than the others is left out. Default false.
    #[must_use]
    pub fn drop_last(mut self, drop_last: bool) -> Self {
        self.drop_last = drop_last;
        self
    }

    /// The stream.
    pub fn stream(&self) -> &IterableDataset {
        &self.stream
    }

    /// The batches of `epoch`, counted from 0.
    ///
    /// # Errors
    /// As [`IterableDataset::batches`].
    pub fn iter(&self, epoch: u64) -> Result<StreamBatches<B>> {
        let mut stream = self.stream.clone();
        stream.set_epoch(epoch);
        self.batches(&stream, 0)
    }

    /// The batches behind those that had been given when `state` was taken, in its epoch; `before` counts those, for errors.
    ///
    /// # Errors
    /// As [`IterableDataset::batches`].
    pub fn iter_from(&self, state: &IterableState, before: usize) -> Result<StreamBatches<B>> {
        let mut stream = self.stream.clone();
        stream.load_state_dict(state.clone());
        self.batches(&stream, before)
    }

    fn batches(&self, stream: &IterableDataset, before: usize) -> Result<StreamBatches<B>> {
        Ok(StreamBatches {
            rows: stream.batches(self.batch_size)?,
            collate: Arc::clone(&self.collate),
            least: if self.drop_last { self.batch_size } else { 1 },
            size: self.batch_size,
            epoch: stream.epoch(),
            batch: before,
            ended: false,
        })
    }
}

/// The batches of an epoch of a stream; [`IterableDataLoader::iter`] makes it. An error is the last item.
pub struct StreamBatches<B> {
    rows: IterableBatches,
    collate: Arc<dyn Collate<Batch = B>>,
    least: usize,
    size: usize,
    epoch: u64,
    batch: usize,
    ended: bool,
}

impl<B: Send + 'static> StreamBatches<B> {
    /// Where the stream stands behind the batches that were given.
    #[must_use]
    pub fn state_dict(&self) -> IterableState {
        self.rows.state_dict()
    }

    /// Passes over the next batch without making it, and gives whether there was one.
    ///
    /// # Errors
    /// Those of reading its rows.
    pub fn pass_over(&mut self) -> Result<bool> {
        let rows = self.rows.next().transpose()?;
        let passed = rows.is_some_and(|rows| rows.num_rows() >= self.least);
        self.batch += usize::from(passed);
        Ok(passed)
    }

    fn make(&self, rows: &Dataset) -> Result<B> {
        let call = || -> Result<B, BoxError> {
            let made = self.collate.collate(&rows.all_rows())?;
            match self.collate.random() {
                Some(random) => random.draw(made),
                None => Ok(made),
            }
        };
        let made = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
            Err(format!("the collator panicked: {}", message(panic.as_ref())).into())
        });
        let first = self.batch.saturating_mul(self.size);
        made.map_err(|source| Error::Batch {
            epoch: self.epoch,
            batch: self.batch,
            rows: (first..first.saturating_add(rows.num_rows())).collect(),
            source,
        })
    }
}

impl<B: Send + 'static> Iterator for StreamBatches<B> {
    type Item = Result<B>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let made = match self.rows.next() {
            Some(Ok(rows)) if rows.num_rows() >= self.least => Some(self.make(&rows)),
            Some(Ok(_)) | None => None,
            Some(Err(error)) => Some(Err(error)),
        };
        self.ended = !matches!(made, Some(Ok(_)));
        self.batch += 1;
        made
    }
}

impl<B> std::fmt::Debug for IterableDataLoader<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IterableDataLoader")
            .field("stream", &self.stream)
            .field("batch_size", &self.batch_size)
            .finish_non_exhaustive()
    }
}

impl<B> std::fmt::Debug for StreamBatches<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StreamBatches")
            .field("epoch", &self.epoch)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}

//! [`DataLoader`]: batches of rows in a sampler's order, made by a collator, by worker threads if wanted.

mod batches;
mod collate;
mod draw_batch;
mod of_stream;
mod workers;

use std::sync::Arc;

pub use batches::Batches;
pub use collate::{Collate, CollateFn, collate_fn};
pub use draw_batch::DrawBatch;
pub use of_stream::{IterableDataLoader, StreamBatches};

use crate::{Dataset, Error, Result, Sampler, SequentialSampler};

/// Batches of a data set, epoch after epoch.
///
/// The order comes from the sampler alone: the same epoch gives the same batches whatever the number of workers. Clones
/// share everything.
///
/// ```
/// use trainer_data::{Column, Columns, DataLoader, Dataset, RandomSampler, Rows, collate_fn};
/// let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..10)))?;
/// let collate = collate_fn(|rows: &Rows<'_>| {
///     let x = rows.column("x")?;
///     Ok((0..rows.len()).map(|k| x.int(k)).collect::<Result<Vec<_>, _>>()?)
/// });
/// let loader = DataLoader::builder(&data, collate)
///     .sampler(RandomSampler::new(data.num_rows(), 42))
///     .batch_size(4)
///     .num_workers(2)
///     .build()?;
/// let epoch: Vec<Vec<i64>> = loader.iter(0).collect::<Result<_, _>>()?;
/// assert_eq!(epoch, [vec![2, 6, 1, 8], vec![4, 5, 0, 9], vec![3, 7]]);
/// # Ok::<(), trainer_data::Error>(())
/// ```
pub struct DataLoader<B> {
    source: Arc<Source<B>>,
    num_workers: usize,
    prefetch_factor: usize,
}

/// What makes the batches.
struct Source<B> {
    dataset: Dataset,
    sampler: Arc<dyn Sampler>,
    collate: Box<dyn Collate<Batch = B>>,
    batch_size: usize,
    drop_last: bool,
}

impl<B: Send + 'static> DataLoader<B> {
    /// A loader of `dataset` (or a reference to one, which is cloned) whose batches `collate` makes.
    ///
    /// Unless the builder is told otherwise: rows in order, 8 to a batch, the last partial batch kept, no workers.
    pub fn builder(
        dataset: impl Into<Dataset>,
        collate: impl Collate<Batch = B> + 'static,
    ) -> DataLoaderBuilder<B> {
        DataLoaderBuilder {
            dataset: dataset.into(),
            collate: Box::new(collate),
            sampler: None,
            batch_size: 8,
            drop_last: false,
            num_workers: 0,
            prefetch_factor: 2,
        }
    }

    /// The number of batches of an epoch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.source.num_batches()
    }

    /// Whether an epoch has no batches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows that the sampler gives in an epoch, those of a dropped last batch included.
    #[must_use]
    pub fn num_examples(&self) -> usize {
        self.source.sampler.num_samples()
    }

    /// The rows of a full batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.source.batch_size
    }

    /// What makes the batches.
    #[must_use]
    pub fn collator(&self) -> &dyn Collate<Batch = B> {
        &*self.source.collate
    }

    /// The data set.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.source.dataset
    }

    /// The batches of `epoch`, counted from 0.
    #[must_use]
    pub fn iter(&self, epoch: u64) -> Batches<B> {
        self.iter_from(epoch, 0)
    }

    /// The batches of `epoch` but for the first `skip_batches`, of which no row is read.
    #[must_use]
    pub fn iter_from(&self, epoch: u64, skip_batches: usize) -> Batches<B> {
        Batches::new(
            Arc::clone(&self.source),
            epoch,
            skip_batches,
            self.num_workers,
            self.prefetch_factor,
        )
    }
}

impl<B> Clone for DataLoader<B> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            num_workers: self.num_workers,
            prefetch_factor: self.prefetch_factor,
        }
    }
}

impl<B> std::fmt::Debug for DataLoader<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataLoader")
            .field("dataset", &self.source.dataset)
            .field("batch_size", &self.source.batch_size)
            .field("drop_last", &self.source.drop_last)
            .field("num_workers", &self.num_workers)
            .field("prefetch_factor", &self.prefetch_factor)
            .finish_non_exhaustive()
    }
}

impl<B> Source<B> {
    /// The batches of any epoch.
    fn num_batches(&self) -> usize {
        let own = self.sampler.num_batches();
        own.unwrap_or_else(|| self.batches_of(self.sampler.num_samples()))
    }

    /// The batches that so many rows make.
    fn batches_of(&self, rows: usize) -> usize {
        match self.drop_last {
            true => rows / self.batch_size,
            false => rows.div_ceil(self.batch_size),
        }
    }
}

/// What a [`DataLoader`] is made from.
#[must_use]
pub struct DataLoaderBuilder<B> {
    dataset: Dataset,
    collate: Box<dyn Collate<Batch = B>>,
    sampler: Option<Arc<dyn Sampler>>,
    batch_size: usize,
    drop_last: bool,
    num_workers: usize,
    prefetch_factor: usize,
}

impl<B: Send + 'static> DataLoaderBuilder<B> {
    /// The order. Default: [`SequentialSampler`].
    pub fn sampler(mut self, sampler: impl Sampler + 'static) -> Self {
        self.sampler = Some(Arc::new(sampler));
        self
    }

    /// The rows of a batch, at least 1, unless the sampler makes batches. Default 8.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Whether a last batch of fewer rows is left out, unless the sampler makes batches. Default no.
    pub fn drop_last(mut self, drop_last: bool) -> Self {
        self.drop_last = drop_last;
        self
    }

    /// The threads that make batches ahead; with none, each is made when it is asked for. Default 0.
    pub fn num_workers(mut self, num_workers: usize) -> Self {
        self.num_workers = num_workers;
        self
    }

    /// The batches that may be ready or in the making for each worker, at least 1. Default 2.
    pub fn prefetch_factor(mut self, prefetch_factor: usize) -> Self {
        self.prefetch_factor = prefetch_factor;
        self
    }

    /// The loader.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a batch size or prefetch factor of 0.
    pub fn build(self) -> Result<DataLoader<B>> {
        for (name, value) in [
            ("batch_size", self.batch_size),
            ("prefetch_factor", self.prefetch_factor),
        ] {
            if value == 0 {
                return Err(Error::InvalidArgument {
                    name,
                    message: "must be at least 1".to_owned(),
                });
            }
        }
        let rows = self.dataset.num_rows();
        let sampler = self
            .sampler
            .unwrap_or_else(|| Arc::new(SequentialSampler::new(rows)));
        Ok(DataLoader {
            source: Arc::new(Source {
                dataset: self.dataset,
                sampler,
                collate: self.collate,
                batch_size: self.batch_size,
                drop_last: self.drop_last,
            }),
            num_workers: self.num_workers,
            prefetch_factor: self.prefetch_factor,
        })
    }
}

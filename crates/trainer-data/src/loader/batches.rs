use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{Source, workers::Workers};
use crate::{BoxError, Error, Result, panics::message};

/// The batches of one epoch, in the sampler's order; [`DataLoader::iter`](super::DataLoader::iter) makes it.
///
/// An error is given in its place, after the batches before it, and is the last item. Dropping the iterator stops its
/// workers; it waits for the batches that are in the making.
pub struct Batches<B> {
    epoch: Arc<Epoch<B>>,
    left: Range<usize>,
    workers: Option<Workers<B>>,
    refused: Option<Error>,
}

/// What is needed to make any batch of an epoch.
pub(super) struct Epoch<B> {
    source: Arc<Source<B>>,
    number: u64,
    order: Vec<usize>,
    /// Where each batch ends in it, if the sampler made the batches.
    ends: Option<Vec<usize>>,
}

impl<B: Send + 'static> Batches<B> {
    pub(super) fn new(
        source: Arc<Source<B>>,
        number: u64,
        skip: usize,
        num_workers: usize,
        prefetch_factor: usize,
    ) -> Self {
        let epoch = Epoch::new(source, number);
        let (batches, mut refused) = (epoch.num_batches(), epoch.refused());
        let epoch = Arc::new(epoch);
        let left = skip.min(batches)..batches;
        let mut workers = None;
        if num_workers > 0 && refused.is_none() && !left.is_empty() {
            let ahead = num_workers.saturating_mul(prefetch_factor);
            match Workers::start(&epoch, left.clone(), num_workers.min(left.len()), ahead) {
                Ok(started) => workers = Some(started),
                Err(error) => refused = Some(error),
            }
        }
        Self {
            epoch,
            left,
            workers,
            refused,
        }
    }

    /// Ends the iteration, which stops the workers.
    fn end(&mut self) {
        self.left = 0..0;
        self.workers = None;
    }
}

impl<B: Send + 'static> Iterator for Batches<B> {
    type Item = Result<B>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.refused.take() {
            self.end();
            return Some(Err(error));
        }
        let batch = self.left.next()?;
        let made = match &mut self.workers {
            Some(workers) => workers.receive(batch),
            None => self.epoch.batch(batch),
        };
        let made = made.and_then(|made| self.epoch.draw(batch, made));
        if made.is_err() || self.left.is_empty() {
            self.end();
        }
        Some(made)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self.refused {
            Some(_) => 1,
            None => self.left.len(),
        };
        // An error ends the iteration early.
        (usize::from(left > 0), Some(left))
    }
}

impl<B: Send + 'static> std::iter::FusedIterator for Batches<B> {}

impl<B> std::fmt::Debug for Batches<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (epoch, left) = (self.epoch.number, &self.left);
        f.debug_struct("Batches")
            .field("epoch", &epoch)
            .field("left", left)
            .finish_non_exhaustive()
    }
}

impl<B: Send + 'static> Epoch<B> {
    fn new(source: Arc<Source<B>>, number: u64) -> Self {
        let (order, ends) = match source.sampler.batches(number) {
            None => (source.sampler.order(number), None),
            Some(batches) => {
                let mut end = 0;
                let ends = batches.iter().map(|batch| {
                    end += batch.len();
                    end
                });
                let ends = ends.collect();
                (batches.concat(), Some(ends))
            }
        };
        Self {
            source,
            number,
            order,
            ends,
        }
    }

    fn num_batches(&self) -> usize {
        match &self.ends {
            Some(ends) => ends.len(),
            None => self.source.batches_of(self.order.len()),
        }
    }

    /// Why the epoch is not what the sampler announced, if it is not.
    fn refused(&self) -> Option<Error> {
        let sampler = &self.source.sampler;
        let (found, what, expected, announced) = match &self.ends {
            Some(ends) => {
                let expected = sampler.num_batches().unwrap_or(0);
                (ends.len(), "batches", expected, "num_batches")
            }
            None => (
                self.order.len(),
                "rows",
                sampler.num_samples(),
                "num_samples",
            ),
        };
        let number = self.number;
        (found != expected).then(|| Error::InvalidArgument {
            name: "sampler",
            message: format!(
                "epoch {number} has {found} {what}, not the {expected} of {announced}"
            ),
        })
    }

    /// Makes batch `batch`. A panic of the collator is an error.
    pub(super) fn batch(&self, batch: usize) -> Result<B> {
        let rows = self.source.dataset.rows(self.rows(batch))?;
        self.guard(batch, || self.source.collate.collate(&rows))
    }

    /// What the collator draws at random for batch `batch`.
    fn draw(&self, batch: usize, made: B) -> Result<B> {
        match self.source.collate.random() {
            Some(random) => self.guard(batch, || random.draw(made)),
            None => Ok(made),
        }
    }

    /// The numbers of the rows of batch `batch`.
    fn rows(&self, batch: usize) -> &[usize] {
        match &self.ends {
            Some(ends) => {
                let start = batch.checked_sub(1).map_or(0, |before| ends[before]);
                &self.order[start..ends[batch]]
            }
            None => {
                let size = self.source.batch_size;
                let end = self.order.len().min((batch + 1) * size);
                &self.order[batch * size..end]
            }
        }
    }

    /// Calls the collator for batch `batch`.
    fn guard(&self, batch: usize, call: impl FnOnce() -> Result<B, BoxError>) -> Result<B> {
        catch_unwind(AssertUnwindSafe(call))
            .unwrap_or_else(|panic| {
                Err(format!("the collator panicked: {}", message(panic.as_ref())).into())
            })
            .map_err(|source| Error::Batch {
                epoch: self.number,
                batch,
                rows: self.rows(batch).to_vec(),
                source,
            })
    }
}

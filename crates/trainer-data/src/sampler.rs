use std::sync::Arc;

use crate::randperm;

/// The order in which a data set is read: one permutation, or choice, of row numbers for each epoch.
///
/// The order of data comes from here alone; threads and workers never change it.
pub trait Sampler: Send + Sync {
    /// How many row numbers an epoch has.
    fn num_samples(&self) -> usize;

    /// The row numbers of `epoch`, counted from 0. Called once for each epoch; the same epoch always has the same order.
    fn order(&self, epoch: u64) -> Vec<usize>;

    /// The row numbers of each batch of `epoch`, from a sampler that makes batches of sizes of its own; none is empty. Nothing, as by
    /// default, from one whose [`order`](Self::order) the loader cuts into batches of one size. Called instead of `order`.
    fn batches(&self, _epoch: u64) -> Option<Vec<Vec<usize>>> {
        None
    }

    /// How many batches every epoch has, where [`batches`](Self::batches) makes them.
    fn num_batches(&self) -> Option<usize> {
        None
    }
}

/// A shared sampler is a sampler, so that what takes one takes one chosen at run time.
impl<S: Sampler + ?Sized> Sampler for Arc<S> {
    fn num_samples(&self) -> usize {
        (**self).num_samples()
    }

    fn order(&self, epoch: u64) -> Vec<usize> {
        (**self).order(epoch)
    }

    fn batches(&self, epoch: u64) -> Option<Vec<Vec<usize>>> {
        (**self).batches(epoch)
    }

    fn num_batches(&self) -> Option<usize> {
        (**self).num_batches()
    }
}

impl<S: Sampler + ?Sized> Sampler for Box<S> {
    fn num_samples(&self) -> usize {
        (**self).num_samples()
    }

    fn order(&self, epoch: u64) -> Vec<usize> {
        (**self).order(epoch)
    }

    fn batches(&self, epoch: u64) -> Option<Vec<Vec<usize>>> {
        (**self).batches(epoch)
    }

    fn num_batches(&self) -> Option<usize> {
        (**self).num_batches()
    }
}

/// All rows in a random order, another one each epoch: the one that the Python Trainer reads in.
///
/// The order of epoch `e` is `torch.randperm(num_samples)` with a CPU generator seeded `seed + e`.
///
/// ```
/// use trainer_data::{RandomSampler, Sampler};
/// let sampler = RandomSampler::new(10, 42);
/// assert_eq!(sampler.order(0), [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]);
/// assert_eq!(sampler.order(1), [8, 4, 9, 0, 5, 1, 6, 7, 2, 3]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomSampler {
    num_samples: usize,
    seed: u64,
}

impl RandomSampler {
    /// Over rows `0..num_samples`. Of `seed + epoch` only the low 32 bits count, as in libtorch.
    #[must_use]
    pub fn new(num_samples: usize, seed: u64) -> Self {
        Self { num_samples, seed }
    }

    /// The seed of epoch 0.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl Sampler for RandomSampler {
    fn num_samples(&self) -> usize {
        self.num_samples
    }

    fn order(&self, epoch: u64) -> Vec<usize> {
        randperm(self.num_samples, self.seed.wrapping_add(epoch))
    }
}

/// All rows in their own order, in every epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequentialSampler {
    num_samples: usize,
}

impl SequentialSampler {
    /// Over rows `0..num_samples`.
    #[must_use]
    pub fn new(num_samples: usize) -> Self {
        Self { num_samples }
    }
}

impl Sampler for SequentialSampler {
    fn num_samples(&self) -> usize {
        self.num_samples
    }

    fn order(&self, _epoch: u64) -> Vec<usize> {
        (0..self.num_samples).collect()
    }
}

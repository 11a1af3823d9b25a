use std::cmp::Reverse;

use crate::{Dataset, Error, Result, Sampler, lengths::lengths, randperm};

/// Rows of similar length together, and yet in a random order: the order of Python's `LengthGroupedSampler`.
///
/// The rows are put in random order, cut into groups of up to 50 batches, and each group is sorted, the longest row first.
/// The longest row of all comes first, so that what needs too much memory fails at once. The order of epoch `e` is Python's
/// for a generator seeded `seed + e`.
///
/// ```
/// use trainer_data::{LengthGroupedSampler, Sampler};
/// let sampler = LengthGroupedSampler::new([3, 9, 4, 8, 2, 9], 2, 42)?;
/// assert_eq!(sampler.order(0), [1, 0, 2, 4, 3, 5]);
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LengthGroupedSampler {
    lengths: Vec<usize>,
    batch_size: usize,
    seed: u64,
}

impl LengthGroupedSampler {
    /// How many batches a group has at most.
    const MOST_BATCHES: usize = 50;

    /// Over rows of these lengths, for batches of `batch_size` rows: all of an optimizer step, where there are several.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a batch size of 0.
    pub fn new(
        lengths: impl IntoIterator<Item = usize>,
        batch_size: usize,
        seed: u64,
    ) -> Result<Self> {
        if batch_size == 0 {
            return Err(Error::InvalidArgument {
                name: "batch_size",
                message: "must be at least 1".to_owned(),
            });
        }
        Ok(Self {
            lengths: lengths.into_iter().collect(),
            batch_size,
            seed,
        })
    }

    /// Over the rows of `data`, whose lengths are the whole numbers in `column`, or those of its lists.
    ///
    /// # Errors
    /// Those of [`Self::new`]; [`Error::UnknownColumn`]; [`Error::WrongType`] for a row without a length, or a negative one.
    pub fn of_column(data: &Dataset, column: &str, batch_size: usize, seed: u64) -> Result<Self> {
        Self::new(lengths(data, column)?, batch_size, seed)
    }

    /// The rows of `order`, which is a random one, in that of an epoch. A row that is not there counts as empty.
    #[must_use]
    pub fn group(&self, order: &[usize]) -> Vec<usize> {
        let length = |row: &usize| self.lengths.get(*row).copied().unwrap_or(0);
        let batches = (order.len() / (self.batch_size.saturating_mul(4))).min(Self::MOST_BATCHES);
        let group = batches.max(1).saturating_mul(self.batch_size);
        let mut grouped = Vec::with_capacity(order.len());
        let mut longest = 0;
        for rows in order.chunks(group) {
            let first = grouped.len();
            grouped.extend_from_slice(rows);
            grouped[first..].sort_by_key(|row| Reverse(length(row)));
            if length(&grouped[first]) > length(&grouped[longest]) {
                longest = first;
            }
        }
        if longest > 0 {
            grouped.swap(0, longest);
        }
        grouped
    }
}

impl Sampler for LengthGroupedSampler {
    fn num_samples(&self) -> usize {
        self.lengths.len()
    }

    fn order(&self, epoch: u64) -> Vec<usize> {
        self.group(&randperm(self.lengths.len(), self.seed.wrapping_add(epoch)))
    }
}

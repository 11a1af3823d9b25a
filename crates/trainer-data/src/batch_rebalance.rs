use std::{cmp::Reverse, collections::HashSet};

use crate::{Dataset, Error, Result, Sampler, lengths::lengths, randperm};

/// Batches of similar cost, each of rows of similar length: those of Python's `BatchRebalanceSampler` for one process.
///
/// An epoch is in random order. The rows of an optimizer step are sorted by length and cut into its batches so that each costs
/// about as much: long rows make small batches and short ones large batches. Of `n` rows, the longest of length `m`, the
/// cost is `n * m + 0.001 * n * m * m`, padding and attention included. The dearest batch of a step comes first.
///
/// ```
/// use trainer_data::{BatchRebalanceSampler, Sampler};
/// let lengths = [90, 10, 10, 10, 80, 10, 10, 10];
/// let sampler = BatchRebalanceSampler::new(lengths, 4, 2)?.seed(1);
/// let batches = sampler.batches(0).unwrap();
/// assert_eq!(batches, [vec![4], vec![5, 2, 6], vec![0], vec![7, 3, 1]]);
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// Source: `transformers/trainer_pt_utils.py`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRebalanceSampler {
    lengths: Vec<usize>,
    rows_of_step: usize,
    batches_of_step: usize,
    seed: u64,
    drop_last: bool,
}

impl BatchRebalanceSampler {
    /// Over rows of these lengths, of which each optimizer step takes `rows_of_step`, in `batches_of_step` batches.
    ///
    /// The seed of epoch 0 is 42, as in Python; that of each later epoch is one more.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for no batches, and for fewer rows than batches.
    pub fn new(
        lengths: impl IntoIterator<Item = usize>,
        rows_of_step: usize,
        batches_of_step: usize,
    ) -> Result<Self> {
        let refused = |name, message: &str| {
            Err(Error::InvalidArgument {
                name,
                message: message.to_owned(),
            })
        };
        if batches_of_step == 0 {
            return refused("batches_of_step", "must be at least 1");
        }
        if rows_of_step < batches_of_step {
            return refused("rows_of_step", "there must be a row for each batch");
        }
        Ok(Self {
            lengths: lengths.into_iter().collect(),
            rows_of_step,
            batches_of_step,
            seed: 42,
            drop_last: true,
        })
    }

    /// Over the rows of `data`, whose lengths are the whole numbers in `column`, or those of its lists.
    ///
    /// # Errors
    /// Those of [`Self::new`]; [`Error::UnknownColumn`]; [`Error::WrongType`] for a row without a length, or a negative one.
    pub fn of_column(
        data: &Dataset,
        column: &str,
        rows_of_step: usize,
        batches_of_step: usize,
    ) -> Result<Self> {
        Self::new(lengths(data, column)?, rows_of_step, batches_of_step)
    }

    /// With another seed of epoch 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether rows that fill no step are left out. Default yes. If not, they are a step of their own, which repeats the first
    /// rows of the epoch where it has fewer rows than batches.
    #[must_use]
    pub fn drop_last(mut self, drop_last: bool) -> Self {
        self.drop_last = drop_last;
        self
    }

    /// The batches of a step of these rows, at least as many as there are batches.
    fn step(&self, rows: &[usize]) -> Vec<Vec<usize>> {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| Reverse(self.lengths[*row]));
        let counts = self.balanced(&rows);
        let mut left = rows.as_slice();
        let mut batches = Vec::with_capacity(counts.len());
        for count in counts {
            let (batch, more) = left.split_at(count);
            batches.push((cost(count, self.lengths[batch[0]]), batch.to_vec()));
            left = more;
        }
        batches.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        batches.into_iter().map(|(_, batch)| batch).collect()
    }

    /// How many of `rows`, which are sorted, each batch has: one row at a time moves from the dearest batch to the cheapest, as
    /// long as it has more than one and that leads to something new. Taken is what had the smallest difference between the two.
    fn balanced(&self, rows: &[usize]) -> Vec<usize> {
        let batches = self.batches_of_step;
        let mut counts: Vec<usize> = (0..batches)
            .map(|batch| rows.len() / batches + usize::from(batch < rows.len() % batches))
            .collect();
        let mut best = (f64::INFINITY, counts.clone());
        let mut seen = HashSet::new();
        for _ in 0..batches.saturating_mul(30).max(self.rows_of_step) {
            if !seen.insert(counts.clone()) {
                break;
            }
            let costs = self.costs(rows, &counts);
            // The first of equals, of both.
            let (mut dearest, mut cheapest) = (0, 0);
            for batch in 1..batches {
                if costs[batch] > costs[dearest] {
                    dearest = batch;
                }
                if costs[batch] < costs[cheapest] {
                    cheapest = batch;
                }
            }
            let spread = costs[dearest] - costs[cheapest];
            if spread < best.0 {
                best = (spread, counts.clone());
            }
            if spread == 0.0 || counts[dearest] == 1 {
                break;
            }
            counts[dearest] -= 1;
            counts[cheapest] += 1;
        }
        best.1
    }

    fn costs(&self, rows: &[usize], counts: &[usize]) -> Vec<f64> {
        let mut first = 0;
        let costs = counts.iter().map(|count| {
            let longest = self.lengths[rows[first]];
            first += count;
            cost(*count, longest)
        });
        costs.collect()
    }

    /// Rows of the last, partial step; 0 where it is left out.
    fn rest(&self) -> usize {
        match self.drop_last {
            true => 0,
            false => self.lengths.len() % self.rows_of_step,
        }
    }
}

/// Of `count` rows, padded to `longest`.
fn cost(count: usize, longest: usize) -> f64 {
    let (count, longest) = (count as f64, longest as f64);
    count * longest + 0.001 * count * longest * longest
}

impl Sampler for BatchRebalanceSampler {
    /// The rows that there are; an epoch may have fewer, or repeat some.
    fn num_samples(&self) -> usize {
        self.lengths.len()
    }

    fn order(&self, epoch: u64) -> Vec<usize> {
        self.batches(epoch).unwrap_or_default().concat()
    }

    fn batches(&self, epoch: u64) -> Option<Vec<Vec<usize>>> {
        let order = randperm(self.lengths.len(), self.seed.wrapping_add(epoch));
        let whole = order.len() - order.len() % self.rows_of_step;
        let mut batches = Vec::new();
        for rows in order[..whole].chunks(self.rows_of_step) {
            batches.extend(self.step(rows));
        }
        if self.rest() > 0 {
            let mut rows = order[whole..].to_vec();
            let missing = self.batches_of_step.saturating_sub(rows.len());
            rows.extend(order.iter().cycle().take(missing));
            batches.extend(self.step(&rows));
        }
        Some(batches)
    }

    fn num_batches(&self) -> Option<usize> {
        let steps = self.lengths.len() / self.rows_of_step + usize::from(self.rest() > 0);
        Some(steps.saturating_mul(self.batches_of_step))
    }
}

use std::sync::Arc;

use super::Dataset;
use crate::{DatasetDict, Error, Result, randperm};

impl Dataset {
    /// The given rows, in the given order; a row may come more than once.
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`].
    pub fn select(&self, rows: &[usize]) -> Result<Self> {
        rows.iter().try_for_each(|row| self.check_row(*row))?;
        Ok(self.choose(rows.iter().copied()))
    }

    /// The first `count` rows, or all if there are fewer.
    #[must_use]
    pub fn take(&self, count: usize) -> Self {
        self.choose(0..count.min(self.num_rows))
    }

    /// All but the first `count` rows.
    #[must_use]
    pub fn skip(&self, count: usize) -> Self {
        self.choose(count.min(self.num_rows)..self.num_rows)
    }

    /// The rows in random order: that of `torch.randperm` with a generator seeded `seed`.
    ///
    /// Python's `Dataset.shuffle` draws from numpy; the order for a seed is another one there.
    #[must_use]
    pub fn shuffle(&self, seed: u64) -> Self {
        self.choose(randperm(self.num_rows, seed).into_iter())
    }

    /// Splits into `train` and `test`, `test` with `fraction` of the rows, rounded up.
    ///
    /// The rows are shuffled as [`Self::shuffle`] does; the first of them are the test rows. Python's
    /// `train_test_split` makes splits of the same sizes with other rows.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless `fraction` lies between 0 and 1 and leaves a row on either side.
    pub fn train_test_split(&self, fraction: f64, seed: u64) -> Result<DatasetDict> {
        let refused = |message: String| Error::InvalidArgument {
            name: "fraction",
            message,
        };
        if !(fraction > 0.0 && fraction < 1.0) {
            return Err(refused(format!("{fraction} is not between 0 and 1")));
        }
        let test = (fraction * self.num_rows as f64).ceil() as usize;
        if test >= self.num_rows {
            let rows = self.num_rows;
            return Err(refused(format!(
                "{fraction} of {rows} rows to test leave none to train"
            )));
        }
        let order = randperm(self.num_rows, seed);
        let (test, train) = order.split_at(test);
        Ok(DatasetDict::new()
            .with("train", self.choose(train.iter().copied()))
            .with("test", self.choose(test.iter().copied())))
    }

    /// The rows `rows`, all of which are there.
    pub(super) fn choose(&self, rows: impl Iterator<Item = usize>) -> Self {
        let chosen: Vec<usize> = rows.map(|row| self.stored(row)).collect();
        Self {
            columns: Arc::clone(&self.columns),
            num_rows: chosen.len(),
            chosen: Some(Arc::new(chosen)),
        }
    }
}

use std::sync::Arc;

use super::Dataset;
use crate::{Error, Result, numpy::Generator};

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

    /// The rows in random order: that of Python's `Dataset.shuffle` for the same seed, which numpy draws.
    #[must_use]
    pub fn shuffle(&self, seed: u64) -> Self {
        self.choose(Generator::new(seed).permutation(self.num_rows).into_iter())
    }

    /// Part `index`, from 0, of `count` parts. Where they are `contiguous` they are rows that stand together, the first parts
    /// with a row more where they cannot be of one length; otherwise each part has every `count`-th row.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset};
    /// let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..5)))?;
    /// let x = |part: Dataset| part.iter().map(|row| row.int("x")).collect::<trainer_data::Result<Vec<_>>>();
    /// assert_eq!(x(data.shard(2, 0, true)?)?, [0, 1, 2]);
    /// assert_eq!(x(data.shard(2, 0, false)?)?, [0, 2, 4]);
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no such part.
    pub fn shard(&self, count: usize, index: usize, contiguous: bool) -> Result<Self> {
        if index >= count {
            return Err(Error::InvalidArgument {
                name: "index",
                message: format!("{index} is none of {count} parts, which are numbered from 0"),
            });
        }
        if !contiguous {
            return Ok(self.choose((index..self.num_rows).step_by(count)));
        }
        let (each, more) = (self.num_rows / count, self.num_rows % count);
        let begin = each * index + index.min(more);
        let end = begin + each + usize::from(index < more);
        Ok(self.choose(begin..end))
    }

    /// Rows `range`, which are all there; the callers see to that.
    pub(crate) fn slice(&self, range: std::ops::Range<usize>) -> Self {
        self.choose(range)
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

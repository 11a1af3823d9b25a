use std::sync::Arc;

use super::{
    IterableDataset,
    pipeline::{Keep, Shuffle, Step, part, parted},
    stages::changed,
    without_rows,
};
use crate::{BoxError, Error, MapOptions, MapRows, Result, Row, numpy::Generator};

impl IterableDataset {
    /// The rows with the columns that `function` makes, 1000 at a time; see [`Dataset::map`](crate::Dataset::map).
    ///
    /// # Errors
    /// None now; what `function` says, and the numbers of the rows in the stream, come with the batches.
    pub fn map(&self, function: impl MapRows + 'static) -> Self {
        self.mapped(Arc::new(function))
    }

    pub(super) fn mapped(&self, function: Arc<dyn MapRows>) -> Self {
        self.with(Step::Map(function, MapOptions::default().num_proc(1)), None)
    }

    /// [`Self::map`] with the batch size and the columns to remove of `options`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a batch size of 0 and for a result on disk, which a stream has not.
    pub fn map_with(&self, function: impl MapRows + 'static, options: &MapOptions) -> Result<Self> {
        if options.batch_size == 0 {
            return Err(invalid("batch_size", "must be at least 1"));
        }
        if options.on_disk.is_some() {
            return Err(invalid("on_disk", "a stream is in no file"));
        }
        if options.cache.is_some() {
            return Err(invalid("cache", "a stream is in no file"));
        }
        if options.desc.is_some() {
            return Err(invalid("desc", "how many rows a stream has is not known"));
        }
        let options = options.clone().num_proc(1);
        Ok(self.with(Step::Map(Arc::new(function), options), None))
    }

    /// The rows for which `keep` says so; see [`Dataset::filter`](crate::Dataset::filter).
    pub fn filter(
        &self,
        keep: impl Fn(&Row<'_>) -> Result<bool, BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.filtered(Arc::new(keep))
    }

    pub(super) fn filtered(&self, keep: Arc<Keep>) -> Self {
        self.with(Step::Filter(keep), self.features.clone())
    }

    /// The first `count` rows. From here on the order of shards is fixed.
    pub fn take(&self, count: u64) -> Self {
        let step = Step::Take(count, self.node.is_none());
        self.with(step, self.features.clone())
    }

    /// All but the first `count` rows. From here on the order of shards is fixed.
    pub fn skip(&self, count: u64) -> Self {
        let step = Step::Skip(count, self.node.is_none());
        self.with(step, self.features.clone())
    }

    /// The rows in random order, as far as a buffer of `buffer_size` rows reaches: the order of Python's `IterableDataset.shuffle` for
    /// the same seed, which numpy draws. The shards are shuffled, the buffer is filled from up to ten of them in turn, brought into random
    /// order, and given but for half of it, which is mixed with what comes next.
    ///
    /// Where [`take`](Self::take) or [`skip`](Self::skip) came before, the order of shards stays, and they are read one behind the other.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a buffer of no rows.
    pub fn shuffle(&self, seed: u64, buffer_size: usize) -> Result<Self> {
        const SHARDS: usize = 10;
        if buffer_size == 0 {
            return Err(invalid("buffer_size", "must be at least 1"));
        }
        let is_fixed = self.steps.iter().any(Step::fixes_order);
        let shards = if is_fixed { 1 } else { SHARDS };
        // Python mixes tables of some rows, or single rows where a function made them.
        let in_tables = self.is_typed && self.steps.iter().all(Step::keeps_tables);
        let rows = if in_tables {
            (buffer_size / shards).max(1)
        } else {
            1
        };
        let step = Step::Shuffle(Shuffle {
            seed,
            buffer_size,
            shards,
            rows,
        });
        let mut shuffled = self.with(step, self.features.clone());
        if !is_fixed {
            Generator::new(seed).shuffle(&mut shuffled.shards);
        }
        Ok(shuffled)
    }

    /// Part `index`, from 0, of `num_shards` parts, of whole shards that stand together, the first parts with a shard more where they
    /// cannot be of one length. [`take`](Self::take) and [`skip`](Self::skip) before are parted too.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no such part, or it has no shard.
    pub fn shard(&self, num_shards: usize, index: usize) -> Result<Self> {
        if index >= num_shards {
            let message =
                format!("{index} is none of {num_shards} parts, which are numbered from 0");
            return Err(invalid("index", &message));
        }
        if index >= self.num_shards() {
            let message = format!(
                "part {index} has no shard, there are {}; split_by_node parts rows",
                self.num_shards()
            );
            return Err(invalid("index", &message));
        }
        let mut own = self.clone();
        own.steps = parted(&self.steps, self.num_shards(), num_shards, index);
        own.shards = part(&self.shards, num_shards, index, true);
        own.start = None;
        Ok(own)
    }

    /// The rows of process `rank` of `world_size`: its share of the shards, if they can be parted evenly, or else of so many rows one.
    /// Python's `split_dataset_by_node`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there is no such process.
    pub fn split_by_node(&self, rank: usize, world_size: usize) -> Result<Self> {
        if rank >= world_size {
            let message =
                format!("{rank} is none of {world_size} processes, which are numbered from 0");
            return Err(invalid("rank", &message));
        }
        let mut own = self.clone();
        own.node = Some(match self.node {
            None => (rank, world_size),
            Some((before, world)) => (world_size * before + rank, world_size * world),
        });
        own.start = None;
        Ok(own)
    }

    /// The rows with other names of columns: pairs of a name and the new one.
    ///
    /// # Errors
    /// As [`Dataset::rename_columns`](crate::Dataset::rename_columns), now if the columns are known, or else with the batches.
    pub fn rename_columns<S: AsRef<str>>(&self, names: &[(S, S)]) -> Result<Self> {
        let owned = |name: &S| name.as_ref().to_owned();
        let names = names.iter().map(|(from, to)| (owned(from), owned(to)));
        self.with_columns(Step::Rename(names.collect()))
    }

    /// The rows without `columns`.
    ///
    /// # Errors
    /// As [`Dataset::remove_columns`](crate::Dataset::remove_columns), now if the columns are known, or else with the batches.
    pub fn remove_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        self.with_columns(Step::Remove(owned(columns)))
    }

    /// The rows with only `columns`, in the given order.
    ///
    /// # Errors
    /// As [`Dataset::select_columns`](crate::Dataset::select_columns), now if the columns are known, or else with the batches.
    pub fn select_columns<S: AsRef<str>>(&self, columns: &[S]) -> Result<Self> {
        self.with_columns(Step::Select(owned(columns)))
    }

    fn with_columns(&self, step: Step) -> Result<Self> {
        let features = match &self.features {
            Some(features) => Some(changed(&without_rows(Some(features))?, &step)?.features()),
            None => None,
        };
        Ok(self.with(step, features))
    }

    fn with(&self, step: Step, features: Option<crate::Features>) -> Self {
        let mut changed = self.clone();
        changed.steps.push(step);
        changed.features = features;
        changed.start = None;
        changed
    }
}

fn owned<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}

fn invalid(name: &'static str, message: &str) -> Error {
    Error::InvalidArgument {
        name,
        message: message.to_owned(),
    }
}

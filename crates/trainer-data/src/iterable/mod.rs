//! [`IterableDataset`]: rows that come one after the other, from files that are larger than the memory.

mod batches;
mod change;
mod dict;
mod pipeline;
mod shard;
mod stages;
mod state;

use std::sync::Arc;

pub use batches::IterableBatches;
pub use dict::IterableDatasetDict;
pub use state::IterableState;

use self::{pipeline::Step, shard::Shard};
use crate::{
    Column, Columns, Dataset, DatasetLoader, Error, Feature, Features, Result, source::StreamedFile,
};

/// Rows that are read when they are wanted, one batch after the other: Python's `IterableDataset`.
///
/// It has no length and no row numbers. What changes it ([`map`](Self::map), [`filter`](Self::filter), [`shuffle`](Self::shuffle), …)
/// is remembered and done while rows are read, so that no more of them are in memory than a few batches and the buffers of `shuffle`.
/// Clones are cheap.
///
/// Rows come from [shards](Self::num_shards), one behind the other: files ([`DatasetLoader::streaming`], [`Self::from_files`]) or parts
/// of a data set ([`Dataset::to_iterable_dataset`]).
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, Rows};
/// let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..10)))?;
/// let stream = data.to_iterable_dataset(2)?.filter(|row| Ok(row.int("x")? % 2 == 0)).skip(1);
/// let mut batches = stream.batches(3)?;
/// let batch = batches.next().expect("a batch")?;
/// assert_eq!(batch.column("x")?, Column::ints([2, 4, 6]));
///
/// // Later, or in another process, from there on:
/// let mut again = stream.clone();
/// again.load_state_dict(batches.state_dict());
/// let rest = again.batches(3)?.next().expect("another batch")?;
/// assert_eq!(rest.column("x")?, Column::ints([8]));
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Files
/// A thread reads the file at hand ahead by some rows. CSV, text and JSON (objects one behind the other) are read 1000 rows, or about 4 MB,
/// at a time, Parquet files 1024 rows of one row group after the other, Arrow files by their batches. A `.json` that is one array, or whose rows
/// are in a `field`, is read into memory as a whole; other files are not. Packed files, and those that are not UTF-8, are unpacked to the
/// disk until they are read. A file of the hub is brought into the cache when its first row is wanted.
///
/// The types of columns are known before any row: as declared ([`DatasetLoader::features`], a card), as the first file of the split says
/// (Parquet, Arrow), or as the first values of that file are: the first 10,000 rows of CSV, the first 10 MiB of JSON. A row further on that
/// has another column, or a value of another type, is an error that names file and line.
///
/// # Epochs
/// In every [epoch](Self::set_epoch) but the first, 0, the shards are in another order, and the buffers of [`shuffle`](Self::shuffle) draw
/// other numbers: those of Python's `datasets` for the same seed.
#[derive(Clone)]
#[must_use]
pub struct IterableDataset {
    shards: Vec<Shard>,
    steps: Vec<Step>,
    /// The types of the columns, if they are known.
    features: Option<Features>,
    /// Whether Python knows them, which decides how it fills the buffers of `shuffle`.
    is_typed: bool,
    /// Which of so many processes this is.
    node: Option<(usize, usize)>,
    epoch: u64,
    start: Option<IterableState>,
}

impl IterableDataset {
    /// The rows of files, each of the format that its name says; [`DatasetLoader`] takes more arguments.
    ///
    /// ```no_run
    /// let stream = trainer_data::IterableDataset::from_files(["part-0.jsonl", "part-1.jsonl.gz"])?;
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`DatasetLoader::streaming`].
    pub fn from_files<S: Into<String>>(files: impl IntoIterator<Item = S>) -> Result<Self> {
        let files: Vec<String> = files.into_iter().map(Into::into).collect();
        let first = files.first().ok_or_else(|| Error::NotFound {
            message: "a stream of no files".to_owned(),
            source: None,
        })?;
        let format = crate::source::format_of(first.as_ref())?;
        let loader = DatasetLoader::new(format.to_string()).data_files(files);
        loader.streaming()?.get("train").cloned()
    }

    pub(crate) fn of_files(files: Vec<StreamedFile>, is_typed: bool) -> Self {
        let head = files.first().map(|file| file.form.head.clone());
        let head = head.unwrap_or_default();
        let features = head
            .iter()
            .map(|(name, column)| (name, column.feature().clone()));
        Self {
            features: Some(features.collect()),
            shards: files
                .into_iter()
                .map(|file| Shard::File(Arc::new(file)))
                .collect(),
            steps: Vec::new(),
            is_typed,
            node: None,
            epoch: 0,
            start: None,
        }
    }

    /// The names and types of the columns, in order; nothing where they follow from what a function of [`map`](Self::map) makes.
    #[must_use]
    pub fn features(&self) -> Option<&Features> {
        self.features.as_ref()
    }

    /// The number of shards: files, or parts of a data set.
    #[must_use]
    pub fn num_shards(&self) -> usize {
        self.shards.len()
    }

    /// The epoch that is read.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Reads `epoch` from now on, from its beginning; or from where [`load_state_dict`](Self::load_state_dict) said, if that is in it.
    pub fn set_epoch(&mut self, epoch: u64) {
        self.epoch = epoch;
    }

    /// Reads from where batches stood that gave this [state](IterableBatches::state_dict): in its epoch, all that comes behind what
    /// they had given, as if they had not been interrupted.
    ///
    /// Shards before that place are not opened. In the file at hand the rows before it are passed over: a Parquet file's pages and an Arrow
    /// file's batches are not decoded, the lines of text files are read but make no rows. A [`map`](Self::map) makes anew the batch of
    /// which rows are left. What is in the buffer of a [`shuffle`](Self::shuffle) is read again, which takes as many rows as came
    /// since the oldest of them: about `buffer_size` times its logarithm, wherever the stream stands. (Python forgets the buffer's
    /// rows.) That the files are the same and `self` was made as the stream of the state is the caller's to see to.
    pub fn load_state_dict(&mut self, state: IterableState) {
        self.epoch = state.epoch();
        self.start = Some(state);
    }

    /// The rows, `batch_size` at a time as small data sets; the last may have fewer.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a size of 0, and for a [state](Self::load_state_dict) of a stream that was made in another way.
    pub fn batches(&self, batch_size: usize) -> Result<IterableBatches> {
        IterableBatches::new(self, batch_size)
    }
}

impl Dataset {
    /// The rows as a stream of `num_shards` shards, parts of the data set that stand together.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for no shards, or more than there are rows.
    pub fn to_iterable_dataset(&self, num_shards: usize) -> Result<IterableDataset> {
        if num_shards == 0 || num_shards > self.num_rows().max(1) {
            return Err(Error::InvalidArgument {
                name: "num_shards",
                message: format!(
                    "{num_shards} is none that {} rows can be parted into",
                    self.num_rows()
                ),
            });
        }
        let shards = (0..num_shards).map(|index| match num_shards {
            1 => Ok(Shard::Rows(self.clone())),
            _ => Ok(Shard::Rows(self.shard(num_shards, index, true)?)),
        });
        Ok(IterableDataset {
            features: Some(self.features()),
            shards: shards.collect::<Result<_>>()?,
            steps: Vec::new(),
            is_typed: true,
            node: None,
            epoch: 0,
            start: None,
        })
    }
}

/// A data set of no rows, with the columns that are known.
pub(crate) fn without_rows(features: Option<&Features>) -> Result<Dataset> {
    let features = features.into_iter().flat_map(Features::iter);
    let empty = |feature: &Feature| Column::nulls(feature, 0);
    let columns: Columns = features
        .map(|(name, feature)| (name, empty(feature)))
        .collect();
    Dataset::from_columns(columns)
}

/// As Python prints it.
impl std::fmt::Display for IterableDataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.features.as_ref().map(|features| {
            let names: Vec<String> = features.names().map(|name| format!("'{name}'")).collect();
            format!("[{}]", names.join(", "))
        });
        writeln!(f, "IterableDataset({{")?;
        writeln!(
            f,
            "    features: {},",
            names.unwrap_or_else(|| "Unknown".to_owned())
        )?;
        writeln!(f, "    num_shards: {}", self.num_shards())?;
        write!(f, "}})")
    }
}

/// As [`Display`](std::fmt::Display).
impl std::fmt::Debug for IterableDataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl From<&IterableDataset> for IterableDataset {
    fn from(stream: &IterableDataset) -> Self {
        stream.clone()
    }
}

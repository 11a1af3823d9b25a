use std::{fs, path::Path};

use arrow_schema::ArrowError;
use serde_json::json;

use super::{
    batches::{Batches, ROWS},
    declared, refused,
    shards::Shards,
    types, unwritable, whole_folder,
};
use crate::{
    Dataset, DatasetDict, Error, Features, IterableDataset, IterableDatasetDict, Result, durable,
    source::{INFO, SPLITS, STATE, plain_name},
};

/// How [`Dataset::save_to_disk_with`] divides rows into files.
///
/// ```
/// use trainer_data::SaveOptions;
/// let four_files = SaveOptions::new().num_shards(4);
/// let small_ones = SaveOptions::new().max_shard_size(1_000_000);
/// # assert_ne!(four_files, small_ones);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SaveOptions {
    num_shards: Option<usize>,
    max_shard_size: u64,
}

impl Default for SaveOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SaveOptions {
    /// As many files as it takes for none to be much over 500 MB.
    pub fn new() -> Self {
        Self {
            num_shards: None,
            max_shard_size: 500_000_000,
        }
    }

    /// So many files, of as many rows each as can be; of each split, in a [`DatasetDict`]. At least 1, at most 100,000.
    pub fn num_shards(mut self, count: usize) -> Self {
        self.num_shards = Some(count);
        self
    }

    /// A file ends once it has so many bytes. [`Self::num_shards`] wins over it.
    pub fn max_shard_size(mut self, bytes: u64) -> Self {
        self.max_shard_size = bytes;
        self
    }

    fn check(&self) -> Result<()> {
        match self.num_shards {
            Some(count) if !(1..=100_000).contains(&count) => Err(Error::InvalidArgument {
                name: "num_shards",
                message: format!("expected 1 to 100,000 files, found {count}"),
            }),
            _ => Ok(()),
        }
    }

    fn check_of_stream(&self) -> Result<()> {
        match self.num_shards {
            None => Ok(()),
            Some(_) => Err(Error::InvalidArgument {
                name: "num_shards",
                message: "how many rows a stream has is not known: give max_shard_size".to_owned(),
            }),
        }
    }
}

impl Dataset {
    /// Writes all rows to the folder `path`, as Python's `Dataset.save_to_disk` does: Arrow files, and the features beside
    /// them. [`Self::load_from_disk`] reads it, and Python's `load_from_disk` does; each reads the other's.
    ///
    /// The folder, and those above it, are made. It appears whole or not at all: a folder that was saved before is replaced
    /// once the new one is written, and one that holds anything else is left alone.
    ///
    /// ```
    /// use trainer_data::{ClassLabel, Column, Columns, Dataset};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("saved");
    /// let labels = Column::class_labels(ClassLabel::new(["no", "yes"]), [1, 0])?;
    /// let data = Dataset::from_columns(Columns::new().with("label", labels))?;
    /// data.save_to_disk(&path)?;
    /// assert_eq!(Dataset::load_from_disk(&path)?.features(), data.features());
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] where something cannot be written, [`Error::File`] where something else is in the way.
    pub fn save_to_disk(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_to_disk_with(path, &SaveOptions::new())
    }

    /// [`Self::save_to_disk`], in files as `options` say.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for a number of files that cannot be.
    pub fn save_to_disk_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        options.check()?;
        whole_folder::write(path.as_ref(), only_saved, |folder| {
            fill(folder, self, options)
        })
    }
}

impl DatasetDict {
    /// [`Dataset::save_to_disk`] of every split, to a folder of its name in the folder `path`.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for the name of a split that is no name of a folder.
    pub fn save_to_disk(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_to_disk_with(path, &SaveOptions::new())
    }

    /// [`Self::save_to_disk`], in files as `options` say.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for a number of files that cannot be.
    pub fn save_to_disk_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        options.check()?;
        save_splits(
            path.as_ref(),
            &self.iter().collect::<Vec<_>>(),
            |folder, dataset| fill(folder, dataset, options),
        )
    }
}

impl IterableDataset {
    /// Writes all rows that are left to the folder `path`, as [`Dataset::save_to_disk`] does, with no more of them in memory than
    /// the stream has: files that are larger than the memory are a data set on the disk then, which
    /// [`Dataset::load_from_disk`] opens at once.
    ///
    /// ```
    /// use trainer_data::{Dataset, IterableDataset};
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// # let file = folder.join("large.jsonl").display().to_string();
    /// # std::fs::write(&file, "{\"text\": \"a\"}\n{\"text\": \"b\"}\n")?;
    /// IterableDataset::from_files([file])?.save_to_disk(folder.join("saved"))?;
    /// let data = Dataset::load_from_disk(folder.join("saved"))?;
    /// assert_eq!(data.row(1)?.str("text")?, "b");
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    ///
    /// # Errors
    /// As there, and whatever reading the rows may fail with; also where a function of [`map`](Self::map) makes other columns than
    /// of the rows before.
    pub fn save_to_disk(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_to_disk_with(path, &SaveOptions::new())
    }

    /// [`Self::save_to_disk`], in files as `options` say, but for their number: a stream does not know how many rows it has.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for a number of files.
    pub fn save_to_disk_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        options.check_of_stream()?;
        whole_folder::write(path.as_ref(), only_saved, |folder| {
            fill_from_stream(folder, self, options)
        })
    }
}

impl IterableDatasetDict {
    /// [`IterableDataset::save_to_disk`] of every split, to a folder of its name in the folder `path`.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for the name of a split that is no name of a folder.
    pub fn save_to_disk(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_to_disk_with(path, &SaveOptions::new())
    }

    /// [`Self::save_to_disk`], in files as `options` say, but for their number.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for a number of files.
    pub fn save_to_disk_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        options.check_of_stream()?;
        save_splits(
            path.as_ref(),
            &self.iter().collect::<Vec<_>>(),
            |folder, stream| fill_from_stream(folder, stream, options),
        )
    }
}

/// Lets `fill` write each of `splits` to a folder of its own in `path`.
fn save_splits<T>(
    path: &Path,
    splits: &[(&str, &T)],
    fill: impl Fn(&Path, &T) -> Result<()>,
) -> Result<()> {
    let names: Vec<&str> = splits.iter().map(|(split, _)| *split).collect();
    if let Some(split) = names.iter().find(|split| !plain_name(split)) {
        return Err(Error::InvalidArgument {
            name: "split",
            message: format!("{split:?} cannot be the name of a folder"),
        });
    }
    whole_folder::write(path, only_saved, |folder| {
        for (split, rows) in splits {
            let folder = folder.join(split);
            fs::create_dir(&folder).map_err(unwritable(&folder))?;
            fill(&folder, rows)?;
            durable::sync_folder(&folder).map_err(unwritable(&folder))?;
        }
        let names = json!({ "splits": names });
        write(&folder.join(SPLITS), &names.to_string())
    })
}

/// Writes the files of `dataset` to an empty folder.
fn fill(folder: &Path, dataset: &Dataset, options: &SaveOptions) -> Result<()> {
    let batches = Batches::of(dataset);
    let mut shards = Shards::new(folder, batches.schema());
    let rows = dataset.num_rows();
    let failed = |error: ArrowError| refused(folder, "Arrow", error);
    match options.num_shards {
        None => batches.each(0..rows, failed, |batch| {
            let most = options.max_shard_size;
            shards.write(batch, most).map_err(failed)
        })?,
        Some(count) => {
            for at in 0..count {
                let (each, more) = (rows / count, rows % count);
                let begin = each * at + at.min(more);
                let end = begin + each + usize::from(at < more);
                batches.each(begin..end, failed, |batch| {
                    shards.write(batch, u64::MAX).map_err(failed)
                })?;
                shards.finish().map_err(failed)?;
            }
        }
    }
    describe(folder, shards, batches.features())
}

/// Writes the rows that `stream` gives to an empty folder.
fn fill_from_stream(folder: &Path, stream: &IterableDataset, options: &SaveOptions) -> Result<()> {
    let failed = |error: ArrowError| refused(folder, "Arrow", error);
    let mut rows = stream.batches(ROWS)?.peekable();
    let features = match rows.peek() {
        Some(Ok(first)) => first.features(),
        _ => stream.features().cloned().unwrap_or_default(),
    };
    let mut shards = Shards::new(folder, &types::schema(&features));
    for part in rows {
        let part = part?;
        // A function of `map` may have made other types.
        let part = match part.features() == features {
            true => part,
            false => part.cast(&features)?,
        };
        let batches = Batches::of(&part);
        batches.each(0..part.num_rows(), failed, |batch| {
            shards.write(batch, options.max_shard_size).map_err(failed)
        })?;
    }
    describe(folder, shards, &features)
}

/// Ends the files of `folder`, and writes what stands beside them.
fn describe(folder: &Path, shards: Shards<'_>, features: &Features) -> Result<()> {
    let (names, fingerprint) = shards.names()?;
    let files: Vec<_> = names
        .iter()
        .map(|name| json!({ "filename": name }))
        .collect();
    let state = json!({
        "_data_files": files,
        "_fingerprint": fingerprint,
        "_format_columns": null,
        "_format_kwargs": {},
        "_format_type": null,
        "_output_all_columns": false,
        "_split": null,
    });
    write(&folder.join(STATE), &format!("{state:#}"))?;
    let info = declared::info(features);
    write(&folder.join(INFO), &format!("{info:#}"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    durable::write(path, text.as_bytes()).map_err(unwritable(path))
}

/// Whether nothing is lost when `folder` is replaced: it holds what `save_to_disk` writes, or nothing.
fn only_saved(folder: &Path) -> Result<()> {
    let refused = |message| Error::File {
        path: folder.to_owned(),
        message,
        source: None,
    };
    if !folder.is_dir() {
        return Err(refused("expected a folder, found a file".to_owned()));
    }
    let entries = fs::read_dir(folder).map_err(unwritable(folder))?;
    for entry in entries {
        let entry = entry.map_err(unwritable(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unwritable(folder))?;
        let is_split = kind.is_dir() && folder.join(SPLITS).is_file();
        match name.as_str() {
            _ if is_split => only_saved(&entry.path())?,
            STATE | INFO | SPLITS if kind.is_file() => {}
            name if kind.is_file() && name.ends_with(".arrow") => {}
            name => {
                return Err(refused(format!(
                    "it holds {name:?}, which save_to_disk does not write, and is not replaced"
                )));
            }
        }
    }
    Ok(())
}

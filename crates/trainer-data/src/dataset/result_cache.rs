use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{Dataset, map::MapOptions};
use crate::{Error, Result, hexadecimal::hexadecimal, hub, source};

/// Which form results have: it changes where what is kept by one state of this version is not what another would make. Since 2 whole
/// numbers are as wide as in their files.
const FORM: u32 = 2;

/// A folder that results of [`Dataset::map`] and [`Dataset::filter`] are kept in, and rows of a
/// [`DatasetLoader`](crate::DatasetLoader::cache), to be found again by later calls, in this process or another.
///
/// A result is taken from there if everything that decides about it is the same: the rows and features
/// ([`Dataset::fingerprint`]), the options, the version of this crate and the function. A tokenizer's mappings say themselves
/// what they make ([`MapRows::fingerprint`](crate::MapRows::fingerprint)). A closure cannot: it needs a [`key`](Self::key),
/// which must change when it does.
///
/// ```
/// use trainer_data::{Column, Columns, Dataset, MapOptions, ResultCache, Rows};
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let data = Dataset::from_columns(Columns::new().with("text", Column::strings(["a", "bcd"])))?;
/// let lengths = |rows: &Rows<'_>| {
///     let texts = rows.column("text")?;
///     let lengths = (0..rows.len()).map(|k| Ok(texts.str(k)?.len() as i64));
///     Ok(Columns::new().with("length", Column::ints(lengths.collect::<trainer_data::Result<Vec<_>>>()?)))
/// };
/// let cache = ResultCache::new().folder(folder).key("lengths in bytes");
/// let data = data.map_with(&lengths, &MapOptions::default().cache(cache))?;
/// assert_eq!(data.row(1)?.int("length")?, 3);
/// assert_eq!(std::fs::read_dir(folder)?.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Files are whole or absent, whoever writes them at the same time; one that does not open is made anew. Nothing is ever
/// removed: the folder may be, or any file of it, while no data set of its files is in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultCache {
    folder: Option<PathBuf>,
    key: Option<String>,
}

impl ResultCache {
    /// The folder `trainer` in `HF_DATASETS_CACHE`, or, where that is not set, in `datasets` beside the hub's cache: most
    /// often `~/.cache/huggingface/datasets/trainer`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The folder `folder`, which is made if it is not there.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// With what stands for the function: results are found again by calls with the same key alone.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The file for what `map` makes of `data`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a function that nothing stands for; [`Error::Io`] if the folder cannot be made.
    pub(super) fn place_of_columns(
        &self,
        data: &Dataset,
        function: Option<&str>,
        options: &MapOptions,
    ) -> Result<PathBuf> {
        let MapOptions {
            batch_size,
            remove_columns,
            // These decide how the work is done, and not what comes of it.
            num_proc: _,
            on_disk: _,
            cache: _,
            desc: _,
        } = options;
        self.place(data, "map", function, &(batch_size, remove_columns))
    }

    /// The file for the rows of `data` that `filter` keeps.
    ///
    /// # Errors
    /// As [`Self::place_of_columns`].
    pub(super) fn place_of_rows(&self, data: &Dataset) -> Result<PathBuf> {
        self.place(data, "filter", None, &())
    }

    fn place(
        &self,
        data: &Dataset,
        operation: &str,
        function: Option<&str>,
        options: &impl std::fmt::Debug,
    ) -> Result<PathBuf> {
        if function.is_none() && self.key.is_none() {
            return Err(Error::InvalidArgument {
                name: "cache",
                message: format!(
                    "the function given to {operation} does not say what it makes, as closures cannot; give the cache a key \
                     that stands for the function, and change it when the function changes"
                ),
            });
        }
        let data = data.fingerprint()?;
        let digest = self.digest(&(operation, data, function, options));
        Ok(self.made()?.join(format!("{operation}-{digest}.arrow")))
    }

    /// The folder for the rows of `files`.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder that it lies in cannot be made.
    pub(crate) fn place_of_files(&self, files: &impl std::fmt::Debug) -> Result<PathBuf> {
        let digest = self.digest(files);
        Ok(self.made()?.join(format!("load-{digest}")))
    }

    /// Stands for `parts`, the key, this version and [`FORM`]. As Rust writes them: quoted, so that no two lists of parts look alike.
    fn digest(&self, parts: &impl std::fmt::Debug) -> String {
        let parts = format!("{:?}", (env!("CARGO_PKG_VERSION"), FORM, &self.key, parts));
        hexadecimal(&Sha256::digest(parts))
    }

    fn made(&self) -> Result<PathBuf> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => hub::datasets_cache()?.join("trainer"),
        };
        fs::create_dir_all(&folder).map_err(|source| Error::Io {
            path: folder.clone(),
            source,
        })?;
        Ok(folder)
    }

    /// What an earlier call has left at `place`; nothing, and a warning, for a file that does not open.
    pub(super) fn found(place: &Path) -> Option<Dataset> {
        if !place.exists() {
            return None;
        }
        let found = source::map_arrow_file(place).and_then(Dataset::from_columns);
        found
            .inspect_err(|error| tracing::warn!("a kept result is made anew: {error}"))
            .ok()
    }
}

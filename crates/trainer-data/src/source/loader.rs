use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    asked::Asked,
    card::Card,
    configs::plan,
    declared_columns::Declared,
    files::{SplitFiles, format_of, load_formats},
    format::{self, Ending, Format},
    on_disk, saved,
    settings::Settings,
    stream::{StreamedSplit, here, stream_formats},
    streamed::Place,
};
use crate::{
    Dataset, DatasetDict, Error, Features, IterableDatasetDict, Result, ResultCache,
    hub::{Files, Hub},
};

const CARD: &str = "README.md";
/// A card's front matter alone.
const STANDALONE: &str = ".huggingface.yaml";
/// What older versions of Python's `datasets` wrote in place of a card.
const INFOS: &str = "dataset_infos.json";

/// [`load_dataset`](crate::load_dataset) with more to say: the arguments of Python's function.
///
/// Beside a file, a folder or a name of the hub it takes a format, `csv`, `json`, `parquet`, `arrow` or `text`, with the files to read,
/// wherever they are and whatever their names.
///
/// ```
/// use trainer_data::DatasetLoader;
/// # let folder = tempfile::tempdir()?;
/// # let file = |name: &str| folder.path().join(name);
/// # std::fs::write(file("a.txt"), "good;1\nbad;0\n")?;
/// # std::fs::write(file("b.txt"), "fine;1\n")?;
/// # let folder = folder.path().to_str().unwrap();
/// let splits = DatasetLoader::new("csv")
///     .data_dir(folder)
///     .data_files(["a*.txt"])
///     .split_files("test", ["b.txt"])
///     .sep(";")
///     .names(["text", "label"])
///     .load()?;
/// assert_eq!(splits["train"].num_rows(), 2);
/// assert_eq!(splits["test"].row(0)?.str("text")?, "fine");
/// # Ok::<(), trainer_data::BoxError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DatasetLoader {
    name_or_path: String,
    config: Option<String>,
    columns: Option<Vec<String>>,
    hub: Option<Hub>,
    revision: Option<String>,
    cache_dir: Option<PathBuf>,
    results: Option<ResultCache>,
    token: Option<String>,
    asked: Asked,
}

impl DatasetLoader {
    /// Of a file, a folder, a name of the hub or, where there is nothing of that name, a format.
    pub fn new(name_or_path: impl Into<String>) -> Self {
        Self {
            name_or_path: name_or_path.into(),
            config: None,
            columns: None,
            hub: None,
            revision: None,
            cache_dir: None,
            results: None,
            token: None,
            asked: Asked::default(),
        }
    }

    /// One of the card's configurations: Python's `name`.
    pub fn config(mut self, config: impl Into<String>) -> Self {
        self.config = Some(config.into());
        self
    }

    pub(super) fn maybe_config(mut self, config: Option<&str>) -> Self {
        self.config = config.map(str::to_owned);
        self
    }

    /// Only these columns, in this order. Of Parquet and Arrow files others are not looked at, whatever their types.
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The files of the split `train`: paths or patterns, as `data/*.csv`, in the folder or repository, or of this machine where a
    /// format is loaded. `*` stands for any part of a name, `**` for any folders.
    pub fn data_files<S: Into<String>>(self, files: impl IntoIterator<Item = S>) -> Self {
        self.split_files("train", files)
    }

    /// The files of one of the splits, as [`Self::data_files`] has those of `train`.
    pub fn split_files<S: Into<String>>(
        mut self,
        split: impl Into<String>,
        files: impl IntoIterator<Item = S>,
    ) -> Self {
        let files = files.into_iter().map(Into::into);
        self.asked.add_files(split.into(), files);
        self
    }

    /// The folder in which the files are: one in the folder or repository, or any where a format is loaded.
    pub fn data_dir(mut self, folder: impl Into<String>) -> Self {
        self.asked.folder = Some(folder.into());
        self
    }

    /// What stands between the fields of CSV, one ASCII character: Python's `sep` and `delimiter`.
    pub fn sep(self, sep: impl Into<String>) -> Self {
        self.setting("sep", sep.into())
            .setting("delimiter", Json::Null)
    }

    /// The names of the columns of CSV, whose first row is then one as others.
    pub fn names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.setting("names", names)
            .setting("column_names", Json::Null)
    }

    /// The encoding of text files, by its name in Python: `utf-8`, which is the default, `latin-1`, `cp1252`, `utf-16`, `utf-16-le` or
    /// `utf-16-be`.
    pub fn encoding(self, encoding: impl Into<String>) -> Self {
        self.setting("encoding", encoding.into())
    }

    /// The field of a JSON file's one object in which the rows are.
    pub fn field(self, field: impl Into<String>) -> Self {
        self.setting("field", field.into())
    }

    /// The types of the columns, in place of those of a card or those that are found. Of CSV only these columns are taken, other files
    /// must have no others; one that a file lacks has no values.
    pub fn features(mut self, features: Features) -> Self {
        self.asked.features = Some(features);
        self
    }

    /// A branch, tag or commit of the hub's repository other than `main`.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Writes the rows to Arrow files of `cache` and maps them, as Python does: no more of them are in memory than are used, and the next
    /// call, in this process or another, finds them there and opens them at once, until a file has changed or is read otherwise. Files of the
    /// hub must be in its cache for that, and are brought where they are not.
    ///
    /// Rows are read as [`Self::streaming`] does, so that the types of text files are found by their first rows; a row further on that
    /// does not fit is an error. What [`Dataset::save_to_disk`] wrote stays where it is.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let (file, folder) = (folder.path().join("reviews.csv"), folder.path().join("cache"));
    /// # std::fs::write(&file, "text,label\ngood,1\nbad,0\n")?;
    /// # let file = file.to_str().unwrap();
    /// use trainer_data::{DatasetLoader, ResultCache};
    /// let reviews = DatasetLoader::new(file).cache(ResultCache::new().folder(&folder)).load()?;
    /// assert_eq!(reviews["train"].num_rows(), 2);
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    pub fn cache(mut self, cache: ResultCache) -> Self {
        self.results = Some(cache);
        self
    }

    /// A folder for the hub's files other than the one that the environment says. Tables are not kept there; [`Self::cache`] says where.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(folder.into());
        self
    }

    /// A token for the hub other than the environment's.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A hub of one's own instead of the environment's.
    pub fn hub(mut self, hub: Hub) -> Self {
        self.hub = Some(hub);
        self
    }

    fn setting(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.asked.settings.insert(name.to_owned(), value.into());
        self
    }

    /// Loads the rows that `split` names, as `train`, `train[:10%]` or `train+test[5:10]`: Python's `split`; [`DatasetDict::slice`] says
    /// what there is.
    ///
    /// # Errors
    /// As [`Self::load`] and [`DatasetDict::slice`].
    pub fn load_split(&self, split: &str) -> Result<Dataset> {
        self.load()?.slice(split)
    }

    /// Loads it.
    ///
    /// # Errors
    /// As [`load_dataset`](crate::load_dataset); [`Error::File`] for a file that lacks one of the columns, [`Error::DuplicateColumn`] for a
    /// column that is asked for twice, [`Error::InvalidArgument`] for a setting that is not supported or says nothing of the files, and
    /// [`Error::NotFound`] for a pattern that no file matches. With a [`cache`](Self::cache) also what
    /// [`save_to_disk`](crate::IterableDatasetDict::save_to_disk) says, and [`Error::File`] for rows of so many columns without values that
    /// they stand for more than a mapped file may.
    pub fn load(&self) -> Result<DatasetDict> {
        match self.found()? {
            Found::Saved(splits) => Ok(splits),
            Found::Files(plan) => {
                let places = plan.splits.iter().flat_map(|(_, files)| files);
                let places: Vec<&Place> = places.map(|(place, _)| place).collect();
                let mut paths = self.nowhere(Place::paths(&places))?.into_iter();
                let splits = plan.splits.iter().map(|(split, files)| {
                    let files = files.iter().zip(paths.by_ref());
                    let files = files.map(|((_, format), path)| (path, *format));
                    (split.clone(), files.collect())
                });
                let splits: Vec<SplitFiles> = splits.collect();
                match &self.results {
                    None => load_formats(&splits, &plan.settings, &plan.declared),
                    Some(cache) => on_disk::load(splits, plan.settings, plan.declared, cache),
                }
            }
        }
    }

    /// Gives it as streams, without reading it: Python's `streaming=True`. [`IterableDataset`](crate::IterableDataset) says how files of
    /// each format are read.
    ///
    /// Of each split the first file is looked at, for the types of its columns; files of the hub are brought when they are read.
    ///
    /// ```no_run
    /// let splits = trainer_data::DatasetLoader::new("nyu-mll/glue").config("mrpc").streaming()?;
    /// for batch in splits["train"].shuffle(42, 1000)?.batches(32)? {
    ///     println!("{:?}", batch?.row(0)?);
    /// }
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::load`], where the files that are looked at say so.
    pub fn streaming(&self) -> Result<IterableDatasetDict> {
        match self.found()? {
            Found::Saved(splits) => {
                let mut streams = IterableDatasetDict::default();
                for (split, dataset) in splits.iter() {
                    streams.insert(split, dataset.to_iterable_dataset(1)?);
                }
                Ok(streams)
            }
            Found::Files(plan) => {
                self.nowhere(stream_formats(plan.splits, plan.settings, plan.declared))
            }
        }
    }

    /// The files, and how they are read.
    fn found(&self) -> Result<Found> {
        let mut seen = HashSet::new();
        let mut columns = self.columns.iter().flatten();
        if let Some(name) = columns.find(|name| !seen.insert(*name)) {
            return Err(Error::DuplicateColumn { name: name.clone() });
        }
        self.asked.check()?;
        let path = Path::new(&self.name_or_path);
        if path.is_file() {
            return self.of_file(path);
        }
        if path.is_dir() && saved::is_saved(path) {
            refuse_config(path, self.config.as_deref())?;
            return match self.asked.first() {
                None => saved::load(path, self.columns.as_deref()).map(Found::Saved),
                Some(name) => Err(refused(name, path, "it was written by save_to_disk")),
            };
        }
        match Format::named(&self.name_or_path) {
            Some(format) if !path.exists() => {
                refuse_config(path, self.config.as_deref())?;
                self.of_format(format, self.asked.local(format)?)
            }
            _ => self.of_place(path),
        }
    }

    fn of_file(&self, path: &Path) -> Result<Found> {
        refuse_config(path, self.config.as_deref())?;
        if !self.asked.files.is_empty() || self.asked.folder.is_some() {
            let name = self.asked.first().unwrap_or_default();
            return Err(refused(name, path, "it is a file"));
        }
        let format = format_of(path)?;
        let file = ("train".to_owned(), vec![(path.to_owned(), format)]);
        self.of_format(format, vec![file])
    }

    fn of_format(&self, format: Format, splits: Vec<SplitFiles>) -> Result<Found> {
        let mut settings = self.asked.settings(format)?;
        settings.columns.clone_from(&self.columns);
        let declared = self.asked.declared(format).unwrap_or_default();
        let splits = splits.into_iter();
        Ok(Found::Files(FoundFiles {
            splits: splits.map(|(split, files)| (split, here(files))).collect(),
            settings,
            declared,
        }))
    }

    /// Of a folder or the hub.
    fn of_place(&self, path: &Path) -> Result<Found> {
        let name_or_path = self.name_or_path.as_str();
        let ending = format::of_file(name_or_path);
        if matches!(ending, Some(Ending::Read(_) | Ending::Zip)) && !path.is_dir() {
            return Err(Error::NotFound {
                message: format!("there is no file or folder {name_or_path:?}"),
                source: None,
            });
        }
        let name = match name_or_path {
            "glue" => "nyu-mll/glue",
            name => name,
        };
        let files = Files::locate(name_or_path, || {
            let repository = self.asked_hub()?.dataset(name);
            Ok(match &self.revision {
                Some(revision) => repository.revision(revision),
                None => repository,
            })
        })?;
        self.nowhere(self.located(files)).map(Found::Files)
    }

    /// `found`, whose error of the hub says too that there is no such file.
    fn nowhere<T>(&self, found: Result<T>) -> Result<T> {
        found.map_err(|error| match error {
            error @ Error::Hub { .. } => Error::NotFound {
                message: format!(
                    "there is no file or folder {:?}, and {error}",
                    self.name_or_path
                ),
                source: Some(error.into()),
            },
            error => error,
        })
    }

    fn asked_hub(&self) -> Result<Hub> {
        let mut hub = match &self.hub {
            Some(hub) => hub.clone(),
            None => Hub::from_env()?,
        };
        if let Some(cache) = &self.cache_dir {
            hub = hub.cache_in(cache);
        }
        if let Some(token) = &self.token {
            hub = hub.token(Some(token.clone()));
        }
        Ok(hub)
    }

    fn located(&self, place: Files) -> Result<FoundFiles> {
        let files = place.list()?;
        let at_top = |name: &str| match files.iter().any(|file| file == name) {
            true => place.require(name).map(Some),
            false => Ok(None),
        };
        let (card, standalone, infos) = (at_top(CARD)?, at_top(STANDALONE)?, at_top(INFOS)?);
        let card = Card::read(card.as_deref(), standalone.as_deref(), infos.as_deref())?;
        let mut plan = plan(&place, &files, &card, self.config.as_deref(), &self.asked)?;
        if self.columns.is_some() {
            plan.settings.columns.clone_from(&self.columns);
        }
        let place = Arc::new(place);
        let splits = plan.splits.into_iter().map(|(split, files)| {
            let of = |file| (Place::Of(Arc::clone(&place), file), plan.format);
            (split, files.into_iter().map(of).collect())
        });
        Ok(FoundFiles {
            splits: splits.collect(),
            settings: plan.settings,
            declared: plan.declared,
        })
    }
}

/// What a loader finds.
enum Found {
    /// What `save_to_disk` wrote.
    Saved(DatasetDict),
    Files(FoundFiles),
}

/// Which files are which split, how they are read, and what their columns are.
struct FoundFiles {
    splits: Vec<StreamedSplit>,
    settings: Settings,
    declared: Declared,
}

fn refuse_config(path: &Path, config: Option<&str>) -> Result<()> {
    match config {
        None | Some("default") => Ok(()),
        Some(config) => Err(Error::UnknownConfig {
            message: format!("{} has no configuration {config:?}", path.display()),
            present: Vec::new(),
        }),
    }
}

/// What was said of `path` cannot be, because of what it is.
fn refused(name: &str, path: &Path, why: &str) -> Error {
    Error::InvalidArgument {
        name: "settings",
        message: format!("{name} says nothing of {}, because {why}", path.display()),
    }
}

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::{
    card::Card,
    configs::plan,
    declared_columns::Declared,
    files::{load_as_set, load_formats, load_splits},
    format::{self, Ending},
    saved,
    settings::Settings,
};
use crate::{
    DatasetDict, Error, Result,
    hub::{Files, Hub},
};

const CARD: &str = "README.md";
/// A card's front matter alone.
const STANDALONE: &str = ".huggingface.yaml";
/// What older versions of Python's `datasets` wrote in place of a card.
const INFOS: &str = "dataset_infos.json";

/// Loads a data set: a file, a folder, or a name of the hub.
///
/// - A **file** (`.parquet`, `.arrow`, `.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv`, `.txt`, also packed by gzip, bzip2, xz or
///   zstd, or in a zip archive) becomes the split `train`.
/// - A **folder** is split by names, as Python's `datasets` does it: by shards `data/SPLIT-00000-of-00001.…`, whose split is
///   free; or else by folders with the words `train`, `validation` (`valid`, `dev`, `val`) or `test` (`eval`) in their names; or
///   else by files with such names, in lower case; without such names all of it is `train`. All splits are of one format,
///   that of most files. Files that are not used are named in a warning, and a split that would be dropped is an error.
/// - A `README.md` with `configs:` or `dataset_info:`, a `.huggingface.yaml` or a `dataset_infos.json` in a folder says which
///   files, settings (`sep`, `names`, `header`, `quotechar`, `field`, …) and columns there are; a setting that is not
///   supported is an error. A folder written by `save_to_disk` of Python's `datasets` is read as it says.
/// - A **name of the hub**, as `nyu-mll/glue`, is read as a folder is, through the cache; [`crate::hub`] says how and
///   which variables of the environment count. `glue` stands for `nyu-mll/glue`.
///
/// A path that exists wins over a name of the hub. `config` chooses one of the card's configurations; nothing is enough
/// where there is one or one is the default. No code of a data set is ever run.
///
/// Types come from the card, from what Python's `datasets` left in the file, or from the file. In CSV they are the first
/// of whole number, number, truth value and text that every value of a column is, and an empty field is no value; in
/// JSON they are those of the values. One column of a type that is not supported refuses the data set; [`DatasetLoader::columns`]
/// leaves it out.
///
/// ```no_run
/// let glue = trainer_data::load_dataset("glue", "mrpc")?;
/// println!("{glue}");
/// let mine = trainer_data::load_dataset("reviews.csv", None)?;
/// println!("{:?}", mine["train"].row(0)?);
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] when there is nothing of that name or no data in it, [`Error::UnknownConfig`],
/// [`Error::Malformed`] with the line of a row that cannot be used, [`Error::File`] for a file as a whole (a damaged one,
/// a type that is not supported, a label that is not one of its classes), and [`Error::Hub`].
pub fn load_dataset<'a>(
    name_or_path: &str,
    config: impl Into<Option<&'a str>>,
) -> Result<DatasetDict> {
    DatasetLoader {
        config: config.into().map(str::to_owned),
        ..DatasetLoader::new(name_or_path)
    }
    .load()
}

/// Loads files as named splits, each from one or more files.
///
/// ```no_run
/// let data = trainer_data::load_files([("train", vec!["a.csv", "b.csv"]), ("validation", vec!["c.csv"])])?;
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Errors
/// As [`load_dataset`]; also [`Error::NotFound`] for a split without files.
pub fn load_files<S: Into<String>, P: Into<PathBuf>>(
    splits: impl IntoIterator<Item = (S, impl IntoIterator<Item = P>)>,
) -> Result<DatasetDict> {
    load_splits(&named_files(splits)?, &Declared::default(), None)
}

/// As [`load_files`], of JSON files the rows that stand in one field of the object that a file is: Python's `field`. Files of other
/// formats are read as without.
///
/// ```no_run
/// let squad = trainer_data::load_files_in_field([("train", ["train.json"]), ("validation", ["dev.json"])], "data")?;
/// # Ok::<(), trainer_data::Error>(())
/// ```
///
/// # Errors
/// As [`load_files`]; [`Error::Malformed`] for a JSON file without such a field.
pub fn load_files_in_field<S: Into<String>, P: Into<PathBuf>>(
    splits: impl IntoIterator<Item = (S, impl IntoIterator<Item = P>)>,
    field: &str,
) -> Result<DatasetDict> {
    let settings = Settings {
        field: Some(field.to_owned()),
        ..Settings::default()
    };
    load_as_set(&named_files(splits)?, &Declared::default(), &settings)
}

/// The splits and their files, none of them without one.
fn named_files<S: Into<String>, P: Into<PathBuf>>(
    splits: impl IntoIterator<Item = (S, impl IntoIterator<Item = P>)>,
) -> Result<Vec<(String, Vec<PathBuf>)>> {
    let mut named = Vec::new();
    for (split, files) in splits {
        let split = split.into();
        let files: Vec<PathBuf> = files.into_iter().map(Into::into).collect();
        if files.is_empty() {
            return Err(Error::NotFound {
                message: format!("split {split} has no files"),
                source: None,
            });
        }
        named.push((split, files));
    }
    Ok(named)
}

/// [`load_dataset`] with a hub of one's own instead of the environment's.
///
/// # Errors
/// As [`load_dataset`].
pub fn load_dataset_with<'a>(
    hub: &Hub,
    name_or_path: &str,
    config: impl Into<Option<&'a str>>,
) -> Result<DatasetDict> {
    DatasetLoader {
        config: config.into().map(str::to_owned),
        ..DatasetLoader::new(name_or_path).hub(hub.clone())
    }
    .load()
}

/// [`load_dataset`] with more to say.
///
/// ```no_run
/// let texts = trainer_data::DatasetLoader::new("reviews.parquet").columns(["text", "label"]).load()?;
/// # Ok::<(), trainer_data::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DatasetLoader {
    name_or_path: String,
    config: Option<String>,
    columns: Option<Vec<String>>,
    hub: Option<Hub>,
}

impl DatasetLoader {
    /// Of a file, a folder or a name of the hub.
    pub fn new(name_or_path: impl Into<String>) -> Self {
        Self {
            name_or_path: name_or_path.into(),
            config: None,
            columns: None,
            hub: None,
        }
    }

    /// One of the card's configurations.
    pub fn config(mut self, config: impl Into<String>) -> Self {
        self.config = Some(config.into());
        self
    }

    /// Only these columns, in this order. Of Parquet and Arrow files others are not looked at, whatever their types.
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// A hub of one's own instead of the environment's.
    pub fn hub(mut self, hub: Hub) -> Self {
        self.hub = Some(hub);
        self
    }

    /// Loads it.
    ///
    /// # Errors
    /// As [`load_dataset`]; [`Error::File`] for a file that lacks one of the columns, and [`Error::DuplicateColumn`] for a
    /// column that is asked for twice.
    pub fn load(&self) -> Result<DatasetDict> {
        let columns = self.columns.as_deref();
        let mut seen = HashSet::new();
        if let Some(name) = columns
            .into_iter()
            .flatten()
            .find(|name| !seen.insert(*name))
        {
            return Err(Error::DuplicateColumn { name: name.clone() });
        }
        let path = Path::new(&self.name_or_path);
        if path.is_file() {
            refuse_config(path, self.config.as_deref())?;
            let file = ("train".to_owned(), vec![path.to_owned()]);
            return load_splits(&[file], &Declared::default(), columns);
        }
        if path.is_dir() && saved::is_saved(path) {
            refuse_config(path, self.config.as_deref())?;
            return saved::load(path, columns);
        }
        let name_or_path = self.name_or_path.as_str();
        let nowhere = format!("there is no file or folder {name_or_path:?}");
        let ending = format::of_file(name_or_path);
        if matches!(ending, Some(Ending::Read(_) | Ending::Zip)) && !path.is_dir() {
            return Err(Error::NotFound {
                message: nowhere,
                source: None,
            });
        }
        let name = match name_or_path {
            "glue" => "nyu-mll/glue",
            name => name,
        };
        let hub = || match &self.hub {
            Some(hub) => Ok(hub.clone()),
            None => Hub::from_env(),
        };
        let files = Files::locate(name_or_path, || Ok(hub()?.dataset(name)))?;
        match load_located(&files, self.config.as_deref(), columns) {
            Err(error @ Error::Hub { .. }) => Err(Error::NotFound {
                message: format!("{nowhere}, and {error}"),
                source: Some(error.into()),
            }),
            loaded => loaded,
        }
    }
}

fn load_located(
    place: &Files,
    config: Option<&str>,
    columns: Option<&[String]>,
) -> Result<DatasetDict> {
    let files = place.list()?;
    let at_top = |name: &str| match files.iter().any(|file| file == name) {
        true => place.require(name).map(Some),
        false => Ok(None),
    };
    let (card, standalone, infos) = (at_top(CARD)?, at_top(STANDALONE)?, at_top(INFOS)?);
    let card = Card::read(card.as_deref(), standalone.as_deref(), infos.as_deref())?;
    let mut plan = plan(place, &files, &card, config)?;
    if let Some(columns) = columns {
        plan.settings.columns = Some(columns.to_vec());
    }
    let mut local = Vec::with_capacity(plan.splits.len());
    for (split, files) in plan.splits {
        let files = files
            .iter()
            .map(|file| Ok((place.require(file)?, plan.format)));
        local.push((split, files.collect::<Result<_>>()?));
    }
    load_formats(&local, &plan.settings, &plan.declared)
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

use std::path::{Path, PathBuf};

use super::{
    card::Card,
    configs::{Plan, plan},
    files::load_splits,
    format::Format,
    saved,
};
use crate::{
    DatasetDict, Error, Features, Result,
    hub::{Files, Hub},
};

const CARD: &str = "README.md";

/// Loads a data set: a file, a folder, or a name of the hub.
///
/// - A **file** (`.parquet`, `.arrow`, `.jsonl`, `.ndjson`, `.json`, `.csv`, `.tsv`, `.txt`) becomes the split `train`.
/// - A **folder** whose files have `train`, `validation` (`valid`, `dev`, `val`) or `test` (`eval`) in their names, or
///   else in the names of their folders, becomes those splits; without such names all of it is `train`. A folder written
///   by `save_to_disk` of Python's `datasets`, or one with a `README.md` that lists `configs:`, is read as these say.
/// - A **name of the hub**, as `nyu-mll/glue`, is read as a folder is, through the cache; [`crate::hub`] says how and
///   which variables of the environment count. `glue` stands for `nyu-mll/glue`.
///
/// A path that exists wins over a name of the hub. `config` chooses one of the card's configurations; nothing is enough
/// where there is one or one is the default. No code of a data set is ever run.
///
/// Types come from the card, from what Python's `datasets` left in the file, or from the file. In CSV they are the first
/// of whole number, number, truth value and text that every value of a column is, and an empty field is no value; in
/// JSON they are those of the values. Columns of other types (times, bytes, images) are refused.
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
    load_from(name_or_path, config.into(), Hub::from_env)
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
    load_splits(&named, &Features::new())
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
    load_from(name_or_path, config.into(), || Ok(hub.clone()))
}

fn load_from(
    name_or_path: &str,
    config: Option<&str>,
    hub: impl FnOnce() -> Result<Hub>,
) -> Result<DatasetDict> {
    let path = Path::new(name_or_path);
    if path.is_file() {
        refuse_config(path, config)?;
        return load_files([("train", [path])]);
    }
    if path.is_dir() && saved::is_saved(path) {
        refuse_config(path, config)?;
        return saved::load(path);
    }
    let nowhere = format!("there is no file or folder {name_or_path:?}");
    if Format::of(name_or_path).is_some() && !path.is_dir() {
        return Err(Error::NotFound {
            message: nowhere,
            source: None,
        });
    }
    let name = match name_or_path {
        "glue" => "nyu-mll/glue",
        name => name,
    };
    let files = Files::locate(name_or_path, || Ok(hub()?.dataset(name)))?;
    match load_located(&files, config) {
        Err(error @ Error::Hub { .. }) => Err(Error::NotFound {
            message: format!("{nowhere}, and {error}"),
            source: Some(error.into()),
        }),
        loaded => loaded,
    }
}

fn load_located(place: &Files, config: Option<&str>) -> Result<DatasetDict> {
    let mut files = place.list()?;
    files.retain(|file| !is_hidden(file));
    let card = match files.iter().any(|file| file == CARD) {
        true => Card::read(&place.require(CARD)?)?,
        false => Card::default(),
    };
    let Plan { splits, declared } = plan(place, &files, &card, config)?;
    let mut local = Vec::with_capacity(splits.len());
    for (split, files) in splits {
        let files: Vec<PathBuf> = files
            .iter()
            .map(|file| place.require(file))
            .collect::<Result<_>>()?;
        local.push((split, files));
    }
    load_splits(&local, &declared)
}

/// Whether a path inside is of a file that no data set means, or lies in a folder of that kind.
fn is_hidden(file: &str) -> bool {
    file.split('/')
        .any(|part| part.starts_with('.') || part.starts_with("__"))
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

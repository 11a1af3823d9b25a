use std::path::PathBuf;

use super::{
    declared_columns::Declared, files::load_as_set, loader::DatasetLoader, settings::Settings,
};
use crate::{DatasetDict, Error, Result, hub::Hub};

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
/// leaves it out. [`DatasetLoader`] takes the other arguments that Python has: which files, how they are read, parts of splits.
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
    DatasetLoader::new(name_or_path)
        .maybe_config(config.into())
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
    load_as_set(
        &named_files(splits)?,
        &Declared::default(),
        &Settings::default(),
    )
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
    let loader = DatasetLoader::new(name_or_path).hub(hub.clone());
    loader.maybe_config(config.into()).load()
}

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use super::{
    declared,
    declared_columns::Declared,
    files::load_as_set,
    settings::Settings,
    table::{not_json, unreadable},
};
use crate::{Dataset, DatasetDict, Error, Result, regular_file};

/// What `Dataset.save_to_disk` of Python's `datasets` writes beside the data.
pub(crate) const STATE: &str = "state.json";
/// Where the features are.
pub(crate) const INFO: &str = "dataset_info.json";
/// What `DatasetDict.save_to_disk` writes beside the folders of the splits.
pub(crate) const SPLITS: &str = "dataset_dict.json";

impl Dataset {
    /// The data set that [`Self::save_to_disk`], or Python's, has written to the folder `path`.
    ///
    /// Its files are mapped into memory: rows are read when they are used, and a data set may be larger than the memory.
    /// Whatever chooses or orders rows or columns leaves them where they are; [`Self::in_memory`] copies them. Until then
    /// nothing may write into the files or cut them. To remove or replace them, as `save_to_disk` does, is safe where
    /// the system allows it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such folder, or it was not written so; [`Error::File`] for splits, which
    /// [`DatasetDict::load_from_disk`] reads; and all errors of reading files.
    pub fn load_from_disk(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        check(path)?;
        if path.join(SPLITS).is_file() {
            let message = "it holds splits, a DatasetDict; expected one data set";
            return Err(other(path, message));
        }
        dataset(path, None)
    }
}

impl DatasetDict {
    /// The splits that [`Self::save_to_disk`], or Python's, has written to the folder `path`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such folder, or it was not written so; [`Error::File`] for a data set without
    /// splits, which [`Dataset::load_from_disk`] reads; and all errors of reading files.
    pub fn load_from_disk(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        check(path)?;
        if !path.join(SPLITS).is_file() {
            let message = "it holds one data set, a Dataset; expected splits";
            return Err(other(path, message));
        }
        load(path, None)
    }
}

fn check(path: &Path) -> Result<()> {
    if is_saved(path) {
        return Ok(());
    }
    let message = match path.is_dir() {
        true => format!(
            "{} has neither {STATE} nor {SPLITS}: it was not written by save_to_disk",
            path.display()
        ),
        false => format!("there is no folder {}", path.display()),
    };
    Err(Error::NotFound {
        message,
        source: None,
    })
}

fn other(path: &Path, message: &str) -> Error {
    Error::File {
        path: path.to_owned(),
        message: message.to_owned(),
        source: None,
    }
}

/// Whether `folder` was written by `save_to_disk`.
pub(crate) fn is_saved(folder: &Path) -> bool {
    folder.join(SPLITS).is_file() || folder.join(STATE).is_file()
}

/// What `save_to_disk` has written to `folder`, or some `columns` of it; a data set without splits as `train`.
pub(crate) fn load(folder: &Path, columns: Option<&[String]>) -> Result<DatasetDict> {
    let splits = folder.join(SPLITS);
    if !splits.is_file() {
        return Ok(DatasetDict::new().with("train", dataset(folder, columns)?));
    }
    let names = json(&splits)?;
    let names = names
        .get("splits")
        .and_then(Json::as_array)
        .ok_or_else(|| wrong(&splits, "a list \"splits\""))?;
    let mut dict = DatasetDict::new();
    for name in names {
        let name = name
            .as_str()
            .ok_or_else(|| wrong(&splits, "names in \"splits\""))?;
        if dict.contains(name) {
            return Err(wrong(
                &splits,
                &format!("each split once, not {name:?} twice"),
            ));
        }
        dict.insert(name, dataset(&folder.join(plain(&splits, name)?), columns)?);
    }
    Ok(dict)
}

fn dataset(folder: &Path, columns: Option<&[String]>) -> Result<Dataset> {
    let state_file = folder.join(STATE);
    let state = json(&state_file)?;
    let entries = state.get("_data_files").and_then(Json::as_array);
    let entries = entries.ok_or_else(|| wrong(&state_file, "a list \"_data_files\""))?;
    let mut files: Vec<PathBuf> = Vec::new();
    let mut seen = HashSet::new();
    for entry in entries {
        let name = entry.get("filename").and_then(Json::as_str);
        let name =
            name.ok_or_else(|| wrong(&state_file, "a \"filename\" in each of \"_data_files\""))?;
        let file = folder.join(plain(&state_file, name)?);
        if !seen.insert(name) {
            return Err(wrong(
                &state_file,
                &format!("each file once, not {name:?} twice"),
            ));
        }
        files.push(file);
    }
    let info = folder.join(INFO);
    let declared = match info.is_file() {
        true => json(&info)?
            .get("features")
            .and_then(Json::as_object)
            .map(declared::from_json)
            .unwrap_or_default(),
        false => Default::default(),
    };
    let settings = Settings {
        columns: columns.map(<[String]>::to_vec),
        mapped: true,
        ..Settings::default()
    };
    let dict = load_as_set(
        &[("train".to_owned(), files)],
        &Declared::keeping_others(declared),
        &settings,
    )?;
    Ok(dict.get("train")?.clone())
}

fn json(path: &Path) -> Result<Json> {
    let text = regular_file::read(path).map_err(|source| unreadable(path, source))?;
    serde_json::from_slice(&text).map_err(|source| not_json(path, source))
}

/// `name`, if it is a name and not a path to somewhere else.
fn plain<'a>(path: &Path, name: &'a str) -> Result<&'a str> {
    match is_plain(name) {
        true => Ok(name),
        false => Err(wrong(path, &format!("a name, not {name:?}"))),
    }
}

/// Whether `name` is that of a file or folder in the folder that it is looked for in.
pub(crate) fn is_plain(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0'])
}

fn wrong(path: &Path, expected: &str) -> Error {
    Error::File {
        path: path.to_owned(),
        message: format!("expected {expected}, as save_to_disk writes it"),
        source: None,
    }
}

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{
    declared,
    declared_columns::Declared,
    files::load_splits,
    table::{not_json, unreadable},
};
use crate::{Dataset, DatasetDict, Error, Result, regular_file};

/// What `Dataset.save_to_disk` of Python's `datasets` writes beside the data.
const STATE: &str = "state.json";
/// What `DatasetDict.save_to_disk` writes beside the folders of the splits.
const SPLITS: &str = "dataset_dict.json";

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
    for entry in entries {
        let name = entry.get("filename").and_then(Json::as_str);
        let name =
            name.ok_or_else(|| wrong(&state_file, "a \"filename\" in each of \"_data_files\""))?;
        files.push(folder.join(plain(&state_file, name)?));
    }
    let info = folder.join("dataset_info.json");
    let declared = match info.is_file() {
        true => json(&info)?
            .get("features")
            .and_then(Json::as_object)
            .map(declared::from_json)
            .unwrap_or_default(),
        false => Default::default(),
    };
    let dict = load_splits(
        &[("train".to_owned(), files)],
        &Declared::keeping_others(declared),
        columns,
    )?;
    Ok(dict.get("train")?.clone())
}

fn json(path: &Path) -> Result<Json> {
    let text = regular_file::read(path).map_err(|source| unreadable(path, source))?;
    serde_json::from_slice(&text).map_err(|source| not_json(path, source))
}

/// `name`, if it is a name and not a path to somewhere else.
fn plain<'a>(path: &Path, name: &'a str) -> Result<&'a str> {
    match name.is_empty() || name == ".." || name.contains(['/', '\\']) {
        true => Err(wrong(path, &format!("a name, not {name:?}"))),
        false => Ok(name),
    }
}

fn wrong(path: &Path, expected: &str) -> Error {
    Error::File {
        path: path.to_owned(),
        message: format!("expected {expected}, as save_to_disk writes it"),
        source: None,
    }
}

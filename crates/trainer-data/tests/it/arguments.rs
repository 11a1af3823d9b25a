//! The arguments of Python's `load_dataset`, and what it makes of them, recorded by `parity/load_arguments.py`.

use std::{fs, path::Path};

use serde_json::Value as Json;
use tempfile::TempDir;
use trainer_data::{Column, Columns, Dataset, DatasetDict, DatasetLoader, Feature, Features};

use crate::support::{described, widened};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/load_arguments.json")).unwrap()
}

fn bytes(content: &Json) -> Vec<u8> {
    let Some(hex) = content.get("hex") else {
        return content.as_str().unwrap().into();
    };
    let hex = hex.as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn texts(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(values) => values.iter().map(|value| value.as_str().unwrap()).collect(),
        value => vec![value.as_str().unwrap()],
    }
}

fn feature(value: &Json) -> Feature {
    match value.as_str() {
        Some("string") => Feature::String,
        Some("int64") => Feature::Int64,
        Some("float64") => Feature::Float64,
        _ => Feature::class_label(texts(value)),
    }
}

fn loader(case: &Json, folder: &Path) -> DatasetLoader {
    let path = case["path"].as_str().unwrap();
    let at = |path: &str| folder.join(path).display().to_string();
    let is_format = ["csv", "json", "text"].contains(&path);
    let mut loader = DatasetLoader::new(match (is_format, path) {
        (true, path) => path.to_owned(),
        (false, "../folder") => folder.display().to_string(),
        (false, path) => at(path),
    });
    for (name, value) in case["arguments"].as_object().unwrap() {
        let files = |files: &Json| -> Vec<String> {
            let is_there = is_format && case["arguments"].get("data_dir").is_none();
            let files = texts(files).into_iter();
            files
                .map(|file| if is_there { at(file) } else { file.to_owned() })
                .collect()
        };
        loader = match (name.as_str(), value) {
            ("data_files", Json::Object(splits)) => {
                splits.iter().fold(loader, |loader, (split, value)| {
                    loader.split_files(split, files(value))
                })
            }
            ("data_files", value) => loader.data_files(files(value)),
            ("data_dir", value) if is_format => loader.data_dir(at(value.as_str().unwrap())),
            ("data_dir", value) => loader.data_dir(value.as_str().unwrap()),
            ("name", value) => loader.config(value.as_str().unwrap()),
            ("sep", value) => loader.sep(value.as_str().unwrap()),
            ("names", value) => loader.names(texts(value)),
            ("encoding", value) => loader.encoding(value.as_str().unwrap()),
            ("field", value) => loader.field(value.as_str().unwrap()),
            (_, value) => loader.features(
                value
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, kind)| (name.as_str(), feature(kind)))
                    .collect::<Features>(),
            ),
        };
    }
    loader
}

#[test]
fn arguments_mean_what_they_mean_in_python() {
    let recorded = recorded();
    let folder = TempDir::new().unwrap();
    for (name, content) in recorded["files"].as_object().unwrap() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes(content)).unwrap();
    }
    for case in recorded["loads"].as_array().unwrap() {
        let loaded = loader(case, folder.path())
            .load()
            .map(|data| described(&data));
        let arguments = &case["arguments"];
        // A format without files would read all of the current folder; and a file counts once, whatever names it.
        let is_ours = arguments.as_object().unwrap().is_empty() && case["path"] == "csv"
            || arguments.pointer("/data_files/validation").is_some();
        match (loaded, case.get("ok")) {
            _ if is_ours => {}
            (Ok(loaded), Some(expected)) => assert_eq!(loaded, widened(expected), "{case}"),
            (Err(_), None) => {}
            (loaded, _) => panic!("{case}\n{loaded:?}"),
        }
    }
}

#[test]
fn texts_of_splits_mean_what_they_mean_in_python() {
    let recorded = recorded();
    let sizes = recorded["sizes"].as_object().unwrap().iter();
    let splits: DatasetDict = sizes
        .map(|(split, size)| {
            let x = Column::ints(0..size.as_i64().unwrap());
            (
                split.clone(),
                Dataset::from_columns(Columns::new().with("x", x)).unwrap(),
            )
        })
        .collect();
    for case in recorded["splits"].as_array().unwrap() {
        let text = case["split"].as_str().unwrap();
        let found = splits.slice(text);
        // Blanks around a sign are of no meaning here; and what has no rows is refused.
        if ["train[:2] + test[:1]", "train[:2]+  test[:1]"].contains(&text) {
            assert_eq!(found.unwrap().num_rows(), 3);
            continue;
        }
        match (found, case.get("ok")) {
            (Err(_), Some(rows)) => assert_eq!(rows, &serde_json::json!([]), "{text}"),
            (Ok(rows), Some(expected)) => {
                let x: Vec<i64> = rows.iter().map(|row| row.int("x").unwrap()).collect();
                assert_eq!(serde_json::json!(x), *expected, "{text}");
            }
            (Err(_), None) => {}
            (Ok(_), None) => panic!("{text} is read"),
        }
    }
}

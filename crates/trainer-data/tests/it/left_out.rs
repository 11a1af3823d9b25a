//! Files of data that no split has, and settings that say nothing: each is named.

use std::fs;

use tempfile::tempdir;
use trainer_data::load_dataset;

use crate::support::warnings;

/// What is warned of, or else the error, for a folder with these files; without the folder.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let (loaded, mut said) = warnings(|| load_dataset(path, None));
    said.extend(loaded.err().map(|error| error.to_string()));
    let without_folder = |message: String| message.replace(&format!("{path}: "), "");
    said.into_iter().map(without_folder).collect()
}

const ROW: &str = "text\nx\n";

#[test]
fn files_that_are_not_used_are_named_in_a_warning() {
    for (files, expected) in [
        (
            vec!["train.csv", "test.csv", "notes.xyz", ".hidden.csv"],
            vec![],
        ),
        (
            vec!["train.csv", "LICENSE.txt"],
            vec!["these files are not used: LICENSE.txt"],
        ),
        (
            vec!["train/a.csv", "train.csv"],
            vec!["these files are not used: train.csv"],
        ),
        (
            vec!["train_a.csv", "train_b.jsonl", "c.CSV"],
            vec!["these files are not used: c.CSV, train_a.csv"],
        ),
        (
            vec!["a_train_test.csv"],
            vec!["these files are in both train and test: a_train_test.csv"],
        ),
        (
            vec!["Train.csv", "Test.csv"],
            vec![
                "these files are read as train, since the words for splits are in lower case: Test.csv",
            ],
        ),
    ] {
        let contents: Vec<(&str, &str)> = files
            .iter()
            .map(|file| {
                (
                    *file,
                    if file.ends_with("jsonl") {
                        "{\"text\": \"x\"}"
                    } else {
                        ROW
                    },
                )
            })
            .collect();
        assert_eq!(said(&contents), expected, "{files:?}");
    }
}

#[test]
fn files_of_other_configurations_are_used() {
    let card = "---\nconfigs:\n- config_name: default\n  data_files: a.csv\n- config_name: b\n  data_files: b*\n---\n";
    let files = [
        ("README.md", card),
        ("a.csv", ROW),
        ("b1.csv", ROW),
        ("c.csv", ROW),
    ];
    assert_eq!(said(&files), ["these files are not used: c.csv"]);
}

#[test]
fn a_split_that_would_be_dropped_is_an_error() {
    for (files, start) in [
        (
            vec!["train/a.csv", "dev.csv"],
            "dev.csv would be left out, with the split validation",
        ),
        (
            vec!["train.csv", "Test.csv"],
            "Test.csv would be left out, with the split test",
        ),
        (
            vec!["data/x-00000-of-00001.csv", "data/test.csv"],
            "data/test.csv would be left out, with the split test",
        ),
        (
            vec!["train.csv", "test.jsonl"],
            "split train is of format csv and split test of format json",
        ),
        (
            vec!["train.csv", "test.xml"],
            "split test: most of its files are of a format that is not supported (xml)",
        ),
        (
            vec!["train.csv", "test.CSV"],
            "split test has no file that ends, in lower case, with",
        ),
    ] {
        let contents: Vec<(&str, &str)> = files.iter().map(|file| (*file, ROW)).collect();
        let said = said(&contents);
        assert!(
            said.len() == 1 && said[0].starts_with(start),
            "{files:?}: {said:?}"
        );
    }
}

#[test]
fn settings_are_honoured_or_refused_by_name() {
    let card = |settings: &str| {
        format!("---\nconfigs:\n- config_name: default\n  data_files: s.csv\n  {settings}\n---\n")
    };
    for (settings, expected) in [
        ("sep: \",\"", None),
        ("encoding: UTF8", None),
        ("engine: python", None),
        (
            "skiprows: 1",
            Some("configuration default: skiprows: 1 is not supported, only null"),
        ),
        (
            "sep: \"\\\\s+\"",
            Some(
                "configuration default: sep: \"\\\\s+\" is not supported; expected one ASCII character",
            ),
        ),
        (
            "names: text",
            Some(
                "configuration default: names: \"text\" is not supported; expected a list of names",
            ),
        ),
        (
            "header: [0, 1]",
            Some(
                "configuration default: header: [0,1] is not supported; expected 0, null or infer",
            ),
        ),
        (
            "quotechar: ab",
            Some(
                "configuration default: quotechar: \"ab\" is not supported; expected one ASCII character",
            ),
        ),
        (
            "speed: 5",
            Some("these settings of the card say nothing of such files: speed"),
        ),
        (
            "features: [{name: text, dtype: \"timestamp[h]\"}]",
            Some(
                "column \"text\" is declared as {\"dtype\":\"timestamp[h]\"}, which is not supported",
            ),
        ),
        (
            "features: yes",
            Some("configs, default: features is \"yes\"; it must be a list"),
        ),
    ] {
        let said = said(&[("README.md", &card(settings)), ("s.csv", ROW)]);
        assert_eq!(said, expected.into_iter().collect::<Vec<_>>(), "{settings}");
    }
}

#[test]
fn columns_that_are_not_declared_are_named() {
    let card = "---\ndataset_info:\n  features:\n  - name: text\n    dtype: string\n---\n";
    let said = said(&[("README.md", card), ("train.csv", "text,more\nx,y\n")]);
    assert!(
        said[0]
            .ends_with("train.csv: column \"more\" is none of the columns that are declared: text"),
        "{said:?}"
    );
}

//! Folders of `save_to_disk`: in how many files, what is replaced, and what of them is not believed.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;
use trainer_data::{
    Column, Columns, Dataset, DatasetDict, IterableDatasetDict, SaveOptions, durable,
};

fn numbers(count: i64) -> Dataset {
    Dataset::from_columns(Columns::new().with("x", Column::ints(0..count))).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn values(data: &Dataset) -> Vec<i64> {
    data.iter().map(|row| row.int("x").unwrap()).collect()
}

#[test]
fn rows_are_divided_as_they_are_asked_to_be() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    for (options, files) in [
        (SaveOptions::new(), 1),
        (SaveOptions::new().num_shards(3), 3),
        // A thousand rows stand together, in some 8 kB.
        (SaveOptions::new().max_shard_size(20_000), 4),
        (SaveOptions::new().max_shard_size(0), 10),
    ] {
        let data = numbers(10_000);
        data.save_to_disk_with(&path, &options).unwrap();
        let found = names(&path);
        assert_eq!(found.len(), files + 2, "{options:?}");
        let last = format!("data-{:05}-of-{files:05}.arrow", files - 1);
        assert!(found.contains(&last), "{options:?}: {found:?}");
        assert_eq!(
            values(&Dataset::load_from_disk(&path).unwrap()),
            values(&data)
        );
    }
    // More files than rows.
    numbers(2)
        .save_to_disk_with(&path, &SaveOptions::new().num_shards(5))
        .unwrap();
    assert_eq!(values(&Dataset::load_from_disk(&path).unwrap()), [0, 1]);
    let refused = numbers(2).save_to_disk_with(&path, &SaveOptions::new().num_shards(0));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "num_shards: expected 1 to 100,000 files, found 0"
    );
}

/// Whether a folder takes another's place in one step: not every file system has that.
fn replaces_in_one_step() -> bool {
    let folder = TempDir::new().unwrap();
    let [new, place, parked] = ["new", "place", "parked"].map(|name| folder.path().join(name));
    fs::create_dir(&new).unwrap();
    fs::create_dir(&place).unwrap();
    durable::replace_folder(&new, &place, &parked).unwrap() == new
}

#[test]
fn a_folder_that_is_replaced_is_there_all_the_while() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    numbers(4).save_to_disk(&path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut missing = 0;
            while !done.load(Ordering::Relaxed) {
                missing += u32::from(!path.exists());
            }
            missing
        });
        let mut saved = (0..50).map(|rows| numbers(rows).save_to_disk(&path));
        let failed = saved.find_map(Result::err);
        done.store(true, Ordering::Relaxed);
        assert!(failed.is_none(), "{failed:?}");
        let missing = watch.join().unwrap();
        assert!(missing == 0 || !replaces_in_one_step(), "{missing} times");
    });
    assert_eq!(names(folder.path()), ["saved"]);
}

#[test]
fn what_was_saved_is_replaced_as_a_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    numbers(4)
        .save_to_disk_with(&path, &SaveOptions::new().num_shards(4))
        .unwrap();
    // Also by what was read from it, and by splits.
    let read = Dataset::load_from_disk(&path).unwrap();
    read.take(3).save_to_disk(&path).unwrap();
    assert_eq!(values(&Dataset::load_from_disk(&path).unwrap()), [0, 1, 2]);
    assert_eq!(names(&path).len(), 3);
    let splits = DatasetDict::new()
        .with("train", numbers(2))
        .with("dev", numbers(1));
    splits.save_to_disk(&path).unwrap();
    splits.save_to_disk(&path).unwrap();
    assert_eq!(names(&path), ["dataset_dict.json", "dev", "train"]);
    numbers(1).save_to_disk(&path).unwrap();
    assert_eq!(names(folder.path()), ["saved"]);
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    numbers(1).save_to_disk(&empty).unwrap();
}

#[test]
fn what_is_not_saved_data_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    let splits = DatasetDict::new().with("train", numbers(2));
    splits.save_to_disk(&path).unwrap();
    fs::write(path.join("train/notes.txt"), "mine").unwrap();
    let message = numbers(1).save_to_disk(&path).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "train: it holds \"notes.txt\", which save_to_disk does not write, and is not replaced"
        ),
        "{message}"
    );
    assert_eq!(fs::read(path.join("train/notes.txt")).unwrap(), b"mine");
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    assert!(numbers(1).save_to_disk(&file).is_err());
    let split = DatasetDict::new().with("../elsewhere", numbers(1));
    let message = split
        .save_to_disk(folder.path().join("dict"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "split: \"../elsewhere\" cannot be the name of a folder"
    );
    assert_eq!(names(folder.path()), ["file", "saved"]);
}

#[test]
fn each_kind_says_where_the_other_is_read() {
    let folder = TempDir::new().unwrap();
    let (one, splits) = (folder.path().join("one"), folder.path().join("splits"));
    numbers(1).save_to_disk(&one).unwrap();
    DatasetDict::new()
        .with("train", numbers(1))
        .save_to_disk(&splits)
        .unwrap();
    let message = Dataset::load_from_disk(&splits).unwrap_err().to_string();
    assert!(
        message.ends_with("splits: it holds splits, a DatasetDict; expected one data set"),
        "{message}"
    );
    let message = DatasetDict::load_from_disk(&one).unwrap_err().to_string();
    assert!(
        message.ends_with("one: it holds one data set, a Dataset; expected splits"),
        "{message}"
    );
    let message = Dataset::load_from_disk(folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with(
            "has neither state.json nor dataset_dict.json: it was not written by save_to_disk"
        ),
        "{message}"
    );
    let message = Dataset::load_from_disk(folder.path().join("absent"))
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("there is no folder "), "{message}");
}

/// A manifest leads nowhere else, and does not make a small folder a large data set.
#[test]
fn manifests_are_not_believed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    DatasetDict::new()
        .with("train", numbers(3))
        .save_to_disk(&path)
        .unwrap();
    numbers(3)
        .save_to_disk(folder.path().join("other"))
        .unwrap();
    let named = |file: &str| format!(r#"{{"filename": "{file}"}}"#);
    let data = "data-00000-of-00001.arrow";
    let twice = format!("{}, {}", named(data), named(data));
    for (files, expected) in [
        (
            named("../../other/data-00000-of-00001.arrow"),
            "expected a name, not \"../../other",
        ),
        (named("."), "expected a name, not \".\""),
        (named(""), "expected a name, not \"\""),
        (named("a\\u0000b"), "expected a name, not"),
        ("{}".to_owned(), "expected a \"filename\" in each"),
        (
            twice,
            "expected each file once, not \"data-00000-of-00001.arrow\" twice",
        ),
        (named("absent.arrow"), "No such file"),
    ] {
        let state = format!(r#"{{"_data_files": [{files}]}}"#);
        fs::write(path.join("train/state.json"), state).unwrap();
        let message = DatasetDict::load_from_disk(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{files}: {message}");
    }
    numbers(3).save_to_disk(path.join("train")).unwrap();
    for (splits, expected) in [
        (
            r#"["train", "train"]"#,
            "expected each split once, not \"train\" twice",
        ),
        (r#"["../other"]"#, "expected a name, not \"../other\""),
        (r#"[".."]"#, "expected a name, not \"..\""),
        ("[1]", "expected names in \"splits\""),
        (r#""train""#, "expected a list \"splits\""),
    ] {
        let text = format!(r#"{{"splits": {splits}}}"#);
        fs::write(path.join("dataset_dict.json"), text).unwrap();
        let message = DatasetDict::load_from_disk(&path).unwrap_err().to_string();
        assert!(message.contains(expected), "{splits}: {message}");
    }
}

#[test]
fn a_stream_is_saved_as_the_data_set_of_its_rows() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let columns = Columns::new()
        .with(
            "text",
            Column::strings((0..2_500).map(|row| format!("text {row}"))),
        )
        .with("label", Column::ints(0..2_500));
    let data = Dataset::from_columns(columns).unwrap();
    let even = |row: &trainer_data::Row<'_>| Ok(row.int("label")? % 2 == 0);
    let saved = data.filter(even).unwrap();
    let stream = data.to_iterable_dataset(3).unwrap().filter(even);
    stream.save_to_disk(place("whole")).unwrap();
    saved.save_to_disk(place("data")).unwrap();
    let whole = Dataset::load_from_disk(place("whole")).unwrap();
    assert_eq!(whole.fingerprint().unwrap(), saved.fingerprint().unwrap());
    // Where the stream stands, from there on.
    let mut batches = stream.batches(1_000).unwrap();
    batches.next().unwrap().unwrap();
    let mut rest = stream.clone();
    rest.load_state_dict(batches.state_dict());
    let small = SaveOptions::new().max_shard_size(1_000);
    rest.save_to_disk_with(place("rest"), &small).unwrap();
    let rest = Dataset::load_from_disk(place("rest")).unwrap();
    assert_eq!(
        rest.fingerprint().unwrap(),
        saved.skip(1_000).fingerprint().unwrap()
    );

    // None is a data set too, and splits stand beside each other.
    let none = stream.filter(|_| Ok(false));
    let mut splits = IterableDatasetDict::default();
    splits.insert("train", stream.take(2));
    splits.insert("test", none);
    splits.save_to_disk(place("splits")).unwrap();
    let splits = DatasetDict::load_from_disk(place("splits")).unwrap();
    let rows: Vec<(&str, usize)> = splits
        .iter()
        .map(|(split, data)| (split, data.num_rows()))
        .collect();
    assert_eq!(rows, [("train", 2), ("test", 0)]);
    assert_eq!(splits["test"].features(), data.features());

    let refused = |result: trainer_data::Result<()>| result.unwrap_err().to_string();
    let four = SaveOptions::new().num_shards(4);
    let error = refused(stream.save_to_disk_with(place("four"), &four));
    assert!(error.starts_with("num_shards: "), "{error}");
    let failing = stream.filter(|row| Ok(row.int("label")? < 2_000 || row.int("text")? > 0));
    let error = refused(failing.save_to_disk(place("failed")));
    assert!(error.contains("text 2000"), "{error}");
    assert!(!place("four").exists() && !place("failed").exists());
}

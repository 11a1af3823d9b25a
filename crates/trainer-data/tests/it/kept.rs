//! Data sets that a loader keeps on the disk.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use trainer_data::{Dataset, DatasetLoader, Error, ResultCache, Value};

use crate::support::warnings;

fn recorded(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn kept(loader: &DatasetLoader, folder: &TempDir) -> Result<Dataset, Error> {
    let cache = ResultCache::new().folder(folder.path());
    Ok(loader.clone().cache(cache).load()?["train"].clone())
}

fn rows(data: &Dataset) -> Vec<Vec<(&str, Value)>> {
    data.iter().map(|row| row.values().unwrap()).collect()
}

fn entries(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.retain(|path| path.is_dir());
    entries.sort();
    entries
}

#[test]
fn what_is_kept_is_what_is_loaded() {
    let folder = TempDir::new().unwrap();
    let names = [
        "types.parquet",
        "late.arrow",
        "nested_v2.parquet",
        "no_rows.parquet",
    ];
    for (count, name) in names.into_iter().enumerate() {
        let loader = DatasetLoader::new(recorded(name));
        let loaded = loader.load().unwrap()["train"].clone();
        for time in ["first", "second"] {
            let kept = kept(&loader, &folder).unwrap();
            assert_eq!(kept.features(), loaded.features(), "{name}, {time}");
            assert_eq!(rows(&kept), rows(&loaded), "{name}, {time}");
        }
        assert_eq!(entries(&folder).len(), count + 1);
    }
}

#[test]
fn splits_and_settings_are_those_that_were_asked_for() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(folder.path().join("train.csv"), "a;b\n1;x\n2;y\n").unwrap();
    fs::write(folder.path().join("test.csv"), "a;b\n3;z\n").unwrap();
    let loader = DatasetLoader::new(folder.path().to_str().unwrap())
        .cache(ResultCache::new().folder(cache.path()));
    let parted = loader.clone().sep(";");
    for _ in 0..2 {
        let splits = parted.load().unwrap();
        assert_eq!(
            splits["train"].column_names().collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(splits["test"].row(0).unwrap().int("a").unwrap(), 3);
        let some = parted.load_split("train[1:]+test").unwrap();
        assert_eq!(some.num_rows(), 2);
    }
    assert_eq!(entries(&cache).len(), 1);
    let whole = loader.load().unwrap();
    assert_eq!(whole["train"].column_names().collect::<Vec<_>>(), ["a;b"]);
    let chosen = parted.columns(["b"]).load().unwrap();
    assert_eq!(chosen["test"].column_names().collect::<Vec<_>>(), ["b"]);
    assert_eq!(entries(&cache).len(), 3);
}

#[test]
fn a_file_that_has_changed_is_read_again() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = folder.path().join("a.jsonl");
    let loader = DatasetLoader::new(file.to_str().unwrap());
    let numbers = || -> Vec<i64> {
        let data = kept(&loader, &cache).unwrap();
        data.iter().map(|row| row.int("x").unwrap()).collect()
    };
    fs::write(&file, "{\"x\": 1}\n").unwrap();
    assert_eq!(numbers(), [1]);
    fs::write(&file, "{\"x\": 1}\n{\"x\": 2}\n").unwrap();
    assert_eq!(numbers(), [1, 2]);
    // As long as before; the second time with the time of the one before, as a copy may have.
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    for (number, modified) in [(3, before + Duration::from_secs(1)), (4, before)] {
        fs::write(&file, format!("{{\"x\": 1}}\n{{\"x\": {number}}}\n")).unwrap();
        let file = fs::File::options().write(true).open(&file).unwrap();
        file.set_modified(modified).unwrap();
        if cfg!(unix) || modified != before {
            assert_eq!(numbers(), [1, number]);
        }
    }
}

/// The name of a file says how it is read, wherever it leads to.
#[cfg(unix)]
#[test]
fn links_of_several_names_to_one_file_are_kept_apart() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(folder.path().join("stored"), "x\ty,z\n1\t2,3\n").unwrap();
    for (name, columns) in [("a.csv", ["x\ty", "z"]), ("a.tsv", ["x", "y,z"])] {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink("stored", &link).unwrap();
        let data = kept(&DatasetLoader::new(link.to_str().unwrap()), &cache).unwrap();
        assert_eq!(data.column_names().collect::<Vec<_>>(), columns);
    }
}

#[test]
fn of_several_that_begin_at_once_one_writes() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = folder.path().join("a.csv");
    fs::write(&file, format!("x\n{}", "1\n".repeat(100_000))).unwrap();
    let loader = DatasetLoader::new(file.to_str().unwrap());
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let (data, warned) = warnings(|| kept(&loader, &cache));
                assert_eq!(data.unwrap().num_rows(), 100_000);
                assert_eq!(warned, Vec::<String>::new());
            });
        }
    });
    assert_eq!(entries(&cache).len(), 1);
}

#[test]
fn what_does_not_open_is_made_anew_and_what_fails_is_not_kept() {
    let (folder, cache) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let file = folder.path().join("a.csv");
    let loader = DatasetLoader::new(file.to_str().unwrap());
    fs::write(&file, "x\n1\n").unwrap();
    kept(&loader, &cache).unwrap();
    let [place] = entries(&cache).try_into().unwrap();
    let arrow: &Path = &place.join("train").join("data-00000-of-00001.arrow");
    fs::write(arrow, "no Arrow").unwrap();
    let (again, warned) = warnings(|| kept(&loader, &cache).unwrap());
    assert_eq!(again.row(0).unwrap().int("x").unwrap(), 1);
    assert!(
        warned.len() == 1 && warned[0].contains("made anew"),
        "{warned:?}"
    );
    assert_eq!(entries(&cache), std::slice::from_ref(&place));

    // A row behind those by which types are found.
    let rows = "1\n".repeat(10_000) + "one\n";
    fs::write(&file, format!("x\n{rows}")).unwrap();
    let error = kept(&loader, &cache).unwrap_err().to_string();
    assert!(error.contains("a.csv, line 10002"), "{error}");
    assert_eq!(entries(&cache), [place]);
}

//! What has no end, or waits for a writer, is an error wherever a file is expected.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use tempfile::tempdir;
use trainer_data::{hub::Hub, load_dataset, load_files, regular_file};

const NAMES: [&str; 8] = [
    "a.csv",
    "a.json",
    "a.jsonl",
    "a.txt",
    "a.parquet",
    "a.arrow",
    "a.csv.gz",
    "a.zip",
];

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn pipes_and_devices_are_no_data() {
    for name in NAMES {
        let folder = tempdir().unwrap();
        let path = folder.path().join(name);
        for make in [pipe, |path: &Path| symlink("/dev/zero", path).unwrap()] {
            make(&path);
            let message = load_files([("train", [&path])]).unwrap_err().to_string();
            assert!(
                message.contains(name) && message.contains("no regular file"),
                "{message}"
            );
            assert!(load_dataset(path.to_str().unwrap(), None).is_err());
            // Nor are they found in a folder.
            assert!(load_dataset(folder.path().to_str().unwrap(), None).is_err());
            fs::remove_file(&path).unwrap();
        }
    }
    // A link to a file is one.
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("rows"), "a\n1\n").unwrap();
    symlink("rows", folder.path().join("a.csv")).unwrap();
    let data = load_files([("train", [folder.path().join("a.csv")])]).unwrap();
    assert_eq!(data["train"].num_rows(), 1);
}

#[test]
fn pipes_and_devices_describe_no_data() {
    for name in ["README.md", ".huggingface.yaml", "dataset_infos.json"] {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("train.csv"), "a\n1\n").unwrap();
        pipe(&folder.path().join(name));
        // It is not in the list of files; what matters is that nothing waits.
        let data = load_dataset(folder.path().to_str().unwrap(), None).unwrap();
        assert_eq!(data["train"].num_rows(), 1);
    }
    let cache = tempdir().unwrap();
    let refs = cache.path().join("datasets--x--y/refs");
    fs::create_dir_all(&refs).unwrap();
    pipe(&refs.join("main"));
    let offline = Hub::with_cache(cache.path()).offline(true);
    assert!(offline.dataset("x/y").files().is_err());
}

#[test]
fn links_that_lead_round_are_not_walked() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("train.csv"), "a\n1\n").unwrap();
    symlink(".", folder.path().join("one")).unwrap();
    symlink(".", folder.path().join("two")).unwrap();
    let data = load_dataset(folder.path().to_str().unwrap(), None).unwrap();
    assert_eq!(data["train"].num_rows(), 1);
}

#[test]
fn settings_have_a_bounded_size() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config.json");
    // It takes no room on the disk.
    let file = fs::File::create(&path).unwrap();
    file.set_len(regular_file::MOST_BYTES + 1).unwrap();
    let message = regular_file::read(&path).unwrap_err().to_string();
    assert!(
        message.contains("has 268435457 bytes, more than 268435456"),
        "{message}"
    );
}

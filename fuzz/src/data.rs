use std::path::Path;

use trainer_data::{
    Column, Columns, Dataset, DatasetDict, DatasetLoader, IterableDatasetDict, IterableState,
    MapOptions, Result, Rows, hub::Hub, load_dataset,
};

use crate::folder::{file, folder};

const TABLE: &[u8] = b"a,b\n1,x\n2,y\n";

fn read(path: &Path) {
    let Some(path) = path.to_str() else { return };
    look_at(load_dataset(path, None));
    if let Err(error) = DatasetLoader::new(path).streaming().and_then(read_through) {
        let _ = error.to_string();
    }
}

/// All rows, some at a time, of which the first is looked at.
fn read_through(splits: IterableDatasetDict) -> Result<()> {
    for (_, stream) in splits.iter() {
        let _ = stream.to_string();
        let mut batches = stream.batches(100)?;
        if let Some(first) = batches.next() {
            let _ = format!("{:?}", first?.row(0)?);
        }
        for batch in batches {
            batch?;
        }
    }
    Ok(())
}

/// What a user does first with a data set.
fn look_at(data: Result<DatasetDict>) {
    match data {
        Ok(data) => {
            let _ = data.to_string();
            for (_, split) in data.iter() {
                for row in 0..split.num_rows().min(4) {
                    let _ = split.row(row).map(|row| format!("{row:?}"));
                }
            }
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
}

pub(crate) fn parquet(bytes: &[u8]) {
    read(&file("a.parquet", bytes));
}

pub(crate) fn arrow(bytes: &[u8]) {
    read(&file("a.arrow", bytes));
}

pub(crate) fn csv(bytes: &[u8]) {
    read(&file("a.csv", bytes));
}

pub(crate) fn json(bytes: &[u8]) {
    read(&file("a.json", bytes));
}

pub(crate) fn text(bytes: &[u8]) {
    read(&file("a.txt", bytes));
}

/// Which program packed a file is told by what the file begins with, whatever its name says.
pub(crate) fn packed(bytes: &[u8]) {
    read(&file("a.csv.gz", bytes));
}

pub(crate) fn zip(bytes: &[u8]) {
    read(&file("a.zip", bytes));
}

/// A card beside files whose names take its patterns long to match.
pub(crate) fn card(bytes: &[u8]) {
    let long = format!("{}/b.csv", "a".repeat(60));
    let files = [
        ("README.md", bytes),
        ("train.csv", TABLE),
        (long.as_str(), TABLE),
    ];
    read(folder(&files));
}

pub(crate) fn dataset_infos(bytes: &[u8]) {
    let files = [("dataset_infos.json", bytes), ("train.csv", TABLE)];
    read(folder(&files));
}

/// A folder of `save_to_disk`: `state.json`, a NUL, `dataset_info.json`, a NUL, and the data.
pub(crate) fn saved(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let files = [
        ("state.json", next()),
        ("dataset_info.json", next()),
        ("data-00000-of-00001.arrow", next()),
    ];
    let data = Dataset::load_from_disk(folder(&files));
    let _ = data.as_ref().map(Dataset::in_memory);
    look_at(data.map(|data| DatasetDict::new().with("train", data)));
}

/// A folder of splits that `save_to_disk` wrote: `dataset_dict.json`, a NUL, and the `state.json` of `train`, beside no data.
pub(crate) fn saved_splits(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let files = [
        ("dataset_dict.json", next()),
        ("train/state.json", next()),
        ("train/dataset_info.json", b"{}"),
    ];
    look_at(DatasetDict::load_from_disk(folder(&files)));
}

/// What a cache says `main` is.
pub(crate) fn refs(bytes: &[u8]) {
    let cache = folder(&[("datasets--a--b/refs/main", bytes)]);
    let hub = Hub::with_cache(cache).offline(true);
    let _ = hub
        .dataset("a/b")
        .files()
        .map_err(|error| error.to_string());
}

/// Where a stream stood that has a part of every kind.
pub(crate) fn stream_state(bytes: &[u8]) {
    let Ok(state) = serde_json::from_slice::<IterableState>(bytes) else {
        return;
    };
    let resumed = || {
        let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..60)))?;
        let nothing = |_: &Rows<'_>| Ok(Columns::new());
        let mut stream = data
            .to_iterable_dataset(12)?
            .map_with(nothing, &MapOptions::default().batch_size(3))?
            .filter(|row| Ok(row.int("x")? % 7 > 0))
            .shuffle(1, 8)?
            .skip(2)
            .take(40);
        stream.load_state_dict(state);
        stream
            .batches(5)?
            .map(|batch| Ok(batch?.num_rows()))
            .sum::<Result<usize>>()
    };
    match resumed() {
        Ok(rows) => assert!(rows <= 60, "more rows than there are"),
        Err(error) => drop(error.to_string()),
    }
}

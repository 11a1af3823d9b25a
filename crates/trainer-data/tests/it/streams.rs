//! Streams: the rows of files and data sets, in Python's order, from any place on.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proptest::prelude::*;
use serde_json::Value as Json;
use tempfile::TempDir;
use trainer_data::{
    BoxError, Column, Columns, Dataset, DatasetLoader, Error, IterableDataset, IterableState,
    MapOptions, Result, Row, Rows, concatenate_datasets, load_dataset,
};

fn of(values: std::ops::Range<i64>) -> Dataset {
    let columns = Columns::new().with("x", Column::ints(values.clone()));
    Dataset::from_columns(columns.with("y", Column::ints(values))).unwrap()
}

/// The values of `x`, in the order of the rows.
fn x(stream: &IterableDataset) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    for batch in stream.batches(7)? {
        for row in batch?.iter() {
            all.push(row.int("x")?);
        }
    }
    Ok(all)
}

fn third(row: &Row<'_>) -> Result<bool, BoxError> {
    Ok(row.int("x")? % 3 != 0)
}

fn copied(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let x = rows.column("x")?;
    let x: Vec<i64> = (0..rows.len()).map(|k| x.int(k)).collect::<Result<_>>()?;
    Ok(Columns::new().with("z", Column::ints(x)))
}

/// `stream` with a step of a recorded case.
fn stepped(stream: &IterableDataset, step: &Json) -> Result<IterableDataset> {
    let number = |at: usize| step[at].as_u64().unwrap();
    let size = |at: usize| number(at) as usize;
    match step[0].as_str().unwrap() {
        "shuffle" => stream.shuffle(number(1), size(2)),
        "take" => Ok(stream.take(number(1))),
        "skip" => Ok(stream.skip(number(1))),
        "map" => stream.map_with(copied, &MapOptions::default().batch_size(size(1))),
        "filter" => Ok(stream.filter(third)),
        "select" => stream.select_columns(&["x"]),
        "remove" => stream.remove_columns(&["y"]),
        "shard" => stream.shard(size(1), size(2)),
        "node" => stream.split_by_node(size(1), size(2)),
        other => panic!("{other}"),
    }
}

fn case_stream(case: &Json, folder: &Path) -> Result<IterableDataset> {
    let rows = case["rows"].as_i64().unwrap();
    let shards = case["shards"].as_u64().unwrap() as usize;
    let data = of(0..rows);
    let kind = case["kind"].as_str().unwrap();
    let mut stream = match kind {
        "rows" => data.to_iterable_dataset(shards)?,
        kind => {
            let mut files = Vec::new();
            for at in 0..shards {
                let file = folder.join(format!("{at:03}.{kind}"));
                let part = data.shard(shards, at, true)?;
                match kind {
                    "parquet" => drop(part.to_parquet(&file)?),
                    _ => drop(part.to_csv(&file)?),
                }
                files.push(file.to_str().unwrap().to_owned());
            }
            IterableDataset::from_files(files)?
        }
    };
    for step in case["steps"].as_array().unwrap() {
        stream = stepped(&stream, step)?;
    }
    stream.set_epoch(case["epoch"].as_u64().unwrap());
    Ok(stream)
}

#[test]
fn rows_come_in_pythons_order() {
    let recorded: Json = serde_json::from_str(include_str!("../data/stream_orders.json")).unwrap();
    let mut wrong = Vec::new();
    for case in recorded["orders"].as_array().unwrap() {
        let folder = TempDir::new().unwrap();
        let found = case_stream(case, folder.path()).and_then(|stream| x(&stream));
        match (&found, case.get("order")) {
            (Ok(found), Some(order)) if serde_json::to_value(found).unwrap() == *order => {}
            (Err(_), None) => {}
            _ => wrong.push(format!("{case}\n  here {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// At whatever batch a stream is left, what comes behind is the same with its state, which went through JSON.
#[test]
fn a_stream_goes_on_where_it_was_left() {
    let recorded: Json = serde_json::from_str(include_str!("../data/stream_orders.json")).unwrap();
    for case in recorded["orders"].as_array().unwrap() {
        let folder = TempDir::new().unwrap();
        let Ok(stream) = case_stream(case, folder.path()) else {
            continue;
        };
        let Ok(whole) = x(&stream) else { continue };
        for size in [1, 4] {
            let mut batches = stream.batches(size).unwrap();
            let mut given = 0;
            loop {
                let state = serde_json::to_string(&batches.state_dict()).unwrap();
                let state: IterableState = serde_json::from_str(&state).unwrap();
                let mut again = stream.clone();
                again.load_state_dict(state);
                assert_eq!(x(&again).unwrap(), whole[given..], "{case} at {given}");
                match batches.next() {
                    Some(batch) => given += batch.unwrap().num_rows(),
                    None => break,
                }
            }
            assert_eq!(given, whole.len());
        }
    }
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn all(stream: &IterableDataset) -> Result<Dataset> {
    let batches: Result<Vec<Dataset>> = stream.batches(100)?.collect();
    concatenate_datasets(&batches?)
}

fn rows(data: &Dataset) -> Vec<Vec<trainer_data::Value>> {
    let values = |row: Row<'_>| {
        let values = row.values().unwrap().into_iter();
        values.map(|(_, value)| value).collect()
    };
    data.iter().map(values).collect()
}

fn gz(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// What a file of each format is, streamed and read as a whole, is the same: columns, types and values.
#[test]
fn streamed_files_are_what_loaded_files_are() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut csv = "text,label,score\n".to_owned();
    let mut json = String::new();
    let mut array = Vec::new();
    let mut text = String::new();
    for row in 0..2500 {
        csv += &format!("\"row, {row}\",{},{}\n", row % 3, f64::from(row) / 4.0);
        let object = match row % 5 {
            0 => format!("{{\"text\": \"row {row}\"}}"),
            _ => format!(
                "{{\"text\": \"row {row}\", \"ids\": [{row}, 1], \"of\": {{\"a\": {row}}}}}"
            ),
        };
        json += &format!("{object}\n");
        array.push(object);
        text += &format!("line {row}\r\n");
    }
    let tsv = csv
        .replace("\"row, ", "row ")
        .replace("\",", ",")
        .replace(',', "\t");
    let files = [
        write(folder, "a.csv", &csv),
        write(folder, "a.tsv", tsv),
        write(folder, "a.csv.gz", gz(&csv)),
        write(folder, "a.jsonl", &json),
        write(folder, "b.jsonl.gz", gz(&json)),
        write(folder, "a.json", format!("[{}]", array.join(","))),
        write(folder, "a.txt", text),
    ];
    let mut files = files.to_vec();
    let loaded = load_dataset(&files[3], None).unwrap();
    let parquet = folder.join("a.parquet");
    loaded["train"].to_parquet(&parquet).unwrap();
    files.push(parquet.to_str().unwrap().to_owned());
    let mapped = folder.join("a.arrow");
    let options = MapOptions::default().on_disk(&mapped);
    let made = |rows: &Rows<'_>| Ok(Columns::new().with("n", Column::ints(0..rows.len() as i64)));
    loaded["train"].map_with(&made, &options).unwrap();
    files.push(mapped.to_str().unwrap().to_owned());
    for file in files {
        let loaded = load_dataset(&file, None).unwrap();
        let streams = DatasetLoader::new(&file).streaming().unwrap();
        let stream = &streams["train"];
        assert_eq!(
            stream.features(),
            Some(&loaded["train"].features()),
            "{file}"
        );
        let streamed = all(stream).unwrap();
        assert_eq!(streamed.features(), loaded["train"].features(), "{file}");
        assert!(rows(&streamed) == rows(&loaded["train"]), "{file}");
        // From the middle of the file, and of what is read at once.
        let mut batches = stream.batches(1).unwrap();
        for _ in 0..1234 {
            batches.next().unwrap().unwrap();
        }
        let mut rest = stream.clone();
        rest.load_state_dict(batches.state_dict());
        assert!(
            rows(&all(&rest).unwrap()) == rows(&loaded["train"].skip(1234)),
            "{file}"
        );
    }
}

#[test]
fn a_row_that_does_not_fit_is_named_by_file_and_line() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut csv = "a\n".to_owned();
    (0..10_000).for_each(|row| csv += &format!("{row}\n"));
    csv += "x\n";
    // As much as decides on the types.
    let filled = format!("{{\"a\": 1, \"b\": \"{}\"}}\n", "x".repeat(1 << 20)).repeat(11);
    for (name, text, words) in [
        ("a.csv", csv, "line 10002: column \"a\": "),
        (
            "a.jsonl",
            format!("{filled}{{\"a\": \"x\"}}\n"),
            "line 12: column \"a\": ",
        ),
        (
            "b.jsonl",
            format!("{filled}{{\"c\": 1}}\n"),
            "line 12: there is no column \"c\"",
        ),
    ] {
        let file = write(folder, name, text);
        let stream = IterableDataset::from_files([file]).unwrap();
        let batches: Vec<_> = stream.batches(500).unwrap().collect();
        let (last, before) = batches.split_last().unwrap();
        assert!(before.iter().all(Result::is_ok));
        let message = last.as_ref().unwrap_err().to_string();
        assert!(
            message.contains(name) && message.contains(words),
            "{message}"
        );
    }
}

#[test]
fn files_that_are_empty_gone_or_damaged_are_errors_or_nothing() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    // No rows.
    for (name, text) in [
        ("a.txt", ""),
        ("a.jsonl", ""),
        ("a.csv", "x,y\n"),
        ("a.json", "[]"),
    ] {
        let file = write(folder, name, text);
        let stream = IterableDataset::from_files([file]).unwrap();
        assert_eq!(stream.batches(3).unwrap().count(), 0, "{name}");
        let shuffled = stream.shuffle(1, 1).unwrap().take(0).skip(2);
        assert_eq!(shuffled.batches(3).unwrap().count(), 0, "{name}");
    }
    assert!(IterableDataset::from_files([write(folder, "b.csv", "")]).is_err());
    assert!(IterableDataset::from_files([write(folder, "b.parquet", "PAR1")]).is_err());
    assert!(IterableDataset::from_files([""; 0]).is_err());
    // Empty files between others.
    let files = ["", "{\"x\": 1}\n", "", "{\"x\": 2}\n", ""];
    let files = (0..5).map(|at| write(folder, &format!("{at}.jsonl"), files[at]));
    let stream = IterableDataset::from_files(files).unwrap();
    assert_eq!(x(&stream).unwrap(), [1, 2]);
    // One that vanishes.
    let files: Vec<String> = (0..2)
        .map(|at| write(folder, &format!("{at}.csv"), "x\n1\n"))
        .collect();
    let stream = IterableDataset::from_files(files.clone()).unwrap();
    fs::remove_file(&files[1]).unwrap();
    let batches: Vec<_> = stream.batches(1).unwrap().collect();
    assert!(batches[0].is_ok() && batches.len() == 2);
    let message = batches[1].as_ref().unwrap_err().to_string();
    assert!(message.contains("1.csv"), "{message}");
    // One of other columns.
    let file = write(folder, "1.csv", "other\n1\n");
    let stream = IterableDataset::from_files([files[0].clone(), file]).unwrap();
    let message = stream
        .batches(5)
        .unwrap()
        .last()
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("1.csv") && message.contains("other"),
        "{message}"
    );
}

#[test]
fn arguments_that_cannot_be_are_refused() {
    let data = of(0..3);
    assert!(data.to_iterable_dataset(0).is_err());
    assert!(data.to_iterable_dataset(4).is_err());
    let stream = data.to_iterable_dataset(2).unwrap();
    assert!(stream.batches(0).is_err());
    assert!(stream.shuffle(0, 0).is_err());
    assert!(stream.shard(3, 2).is_err());
    assert!(stream.shard(3, 3).is_err());
    assert!(stream.split_by_node(0, 0).is_err());
    assert!(stream.select_columns(&["a"]).is_err());
    assert!(
        stream
            .map_with(copied, &MapOptions::default().batch_size(0))
            .is_err()
    );
    assert!(
        stream
            .map_with(copied, &MapOptions::default().on_disk("a"))
            .is_err()
    );
    // Where the columns are not known before, the first batch says it.
    let unknown = stream.map(copied).remove_columns(&["a"]).unwrap();
    assert!(unknown.batches(1).unwrap().next().unwrap().is_err());
    assert_eq!(stream.shuffle(0, 1).unwrap().batches(1).unwrap().count(), 3);
    assert_eq!(stream.filter(|_| Ok(false)).batches(1).unwrap().count(), 0);
}

#[test]
fn errors_of_functions_name_rows_of_the_stream() {
    let stream = of(0..50).to_iterable_dataset(3).unwrap();
    let fails = |rows: &Rows<'_>| match rows.column("x")?.int(0)? {
        20 => Err("no".into()),
        _ => copied(rows),
    };
    let mapped = stream
        .map_with(fails, &MapOptions::default().batch_size(10))
        .unwrap();
    let error = x(&mapped).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Rows {
                first: 20,
                last: 29,
                ..
            }
        ),
        "{error}"
    );
    let filtered = stream.filter(|row| match row.int("x")? {
        33 => Err("no".into()),
        _ => Ok(true),
    });
    let error = x(&filtered).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Rows {
                first: 33,
                last: 33,
                ..
            }
        ),
        "{error}"
    );
    let mut batches = stream.filter(|_| panic!("oh")).batches(1).unwrap();
    assert!(batches.next().unwrap().is_err());
    assert!(batches.next().is_none());
}

#[test]
fn a_state_of_another_stream_is_refused() {
    let stream = of(0..30).to_iterable_dataset(3).unwrap();
    let shuffled = stream.shuffle(1, 10).unwrap();
    let streams = [
        stream.clone(),
        shuffled.clone(),
        stream.map(copied),
        stream.skip(1),
    ];
    for (at, one) in streams.iter().enumerate() {
        let mut batches = one.batches(4).unwrap();
        batches.next().unwrap().unwrap();
        for (other, stream) in streams.iter().enumerate() {
            let mut stream = stream.clone();
            stream.load_state_dict(batches.state_dict());
            assert_eq!(stream.batches(4).is_ok(), at == other);
        }
    }
    let mut batches = shuffled.batches(4).unwrap();
    batches.next().unwrap().unwrap();
    let state = serde_json::to_value(batches.state_dict()).unwrap();
    let changes: [(&str, Json); 6] = [
        ("/version", 2.into()),
        ("/examples_iterable/given_next", 1000.into()),
        ("/examples_iterable/read", 1_000_000_000_000_u64.into()),
        ("/examples_iterable/rows", Json::from(vec![7; 25])),
        ("/examples_iterable/rows/0", 70_000.into()),
        ("/examples_iterable/previous_state/next", 3.into()),
    ];
    for (place, value) in changes {
        let mut changed = state.clone();
        *changed.pointer_mut(place).unwrap() = value;
        let mut stream = shuffled.clone();
        stream.load_state_dict(serde_json::from_value(changed).unwrap());
        assert!(stream.batches(4).is_err(), "{place}");
    }
}

/// In another epoch than the state's the stream begins at its beginning.
#[test]
fn a_state_is_of_its_epoch() {
    let stream = of(0..30)
        .to_iterable_dataset(3)
        .unwrap()
        .shuffle(1, 10)
        .unwrap();
    let mut later = stream.clone();
    later.set_epoch(2);
    let mut batches = later.batches(4).unwrap();
    batches.next().unwrap().unwrap();
    let mut resumed = stream.clone();
    resumed.load_state_dict(batches.state_dict());
    assert_eq!(resumed.epoch(), 2);
    assert_eq!(x(&resumed).unwrap(), x(&later).unwrap()[4..]);
    resumed.set_epoch(0);
    assert_eq!(x(&resumed).unwrap(), x(&stream).unwrap());
}

/// Rows that were used are not read again, but for those of a buffer: of them no more than a few buffers.
#[test]
fn what_was_used_is_not_read_again() {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let counted = move |rows: &Rows<'_>| {
        counter.fetch_add(rows.len(), Ordering::Relaxed);
        copied(rows)
    };
    let options = MapOptions::default().batch_size(10);
    let stream = of(0..20_000).to_iterable_dataset(1).unwrap();
    let stream = stream.map_with(counted, &options).unwrap();
    for (stream, again) in [
        (stream.clone(), 10),
        (stream.shuffle(3, 100).unwrap(), 1500),
    ] {
        let mut batches = stream.batches(8).unwrap();
        for _ in 0..2000 {
            batches.next().unwrap().unwrap();
        }
        let mut resumed = stream.clone();
        resumed.load_state_dict(batches.state_dict());
        read.store(0, Ordering::Relaxed);
        let mut resumed = resumed.batches(8).unwrap();
        let next = resumed.next().unwrap().unwrap();
        let before = read.load(Ordering::Relaxed);
        assert!(before <= again + 10, "{before}");
        assert_eq!(rows(&next), rows(&batches.next().unwrap().unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// A shuffled stream has each row once, the parts of processes have together all rows, and batches of any size are the same rows.
    #[test]
    fn no_row_is_lost_or_doubled(
        rows in 1_i64..200, shards in 1_usize..14, seed: u64, buffer in 1_usize..60, world in 1_usize..5, epoch in 0_u64..3,
    ) {
        let shards = shards.min(rows as usize);
        let mut stream = of(0..rows).to_iterable_dataset(shards).unwrap();
        stream.set_epoch(epoch);
        let stream = stream.shuffle(seed, buffer).unwrap();
        let mut found = Vec::new();
        for rank in 0..world {
            found.extend(x(&stream.split_by_node(rank, world).unwrap()).unwrap());
        }
        found.sort_unstable();
        prop_assert_eq!(found, (0..rows).collect::<Vec<_>>());
    }
}

#[test]
fn a_folder_has_its_splits() {
    let folder = TempDir::new().unwrap();
    let train: PathBuf = folder.path().join("train");
    fs::create_dir(&train).unwrap();
    write(&train, "0.csv", "x,label\n1,a\n2,b\n");
    write(&train, "1.csv", "x,label\n3,a\n");
    let test = folder.path().join("test");
    fs::create_dir(&test).unwrap();
    write(&test, "0.csv", "x,label\n4,b\n");
    let loader = DatasetLoader::new(folder.path().to_str().unwrap()).columns(["x"]);
    let streams = loader.streaming().unwrap();
    let splits: Vec<&str> = streams.iter().map(|(split, _)| split).collect();
    assert_eq!(splits, ["train", "test"]);
    assert_eq!(streams["train"].num_shards(), 2);
    assert_eq!(x(&streams["train"]).unwrap(), [1, 2, 3]);
    assert_eq!(x(&streams["test"]).unwrap(), [4]);
    assert!(
        streams
            .get("dev")
            .unwrap_err()
            .to_string()
            .contains("train, test")
    );
    let shown = streams["train"].to_string();
    assert_eq!(
        shown,
        "IterableDataset({\n    features: ['x'],\n    num_shards: 2\n})"
    );
}

#[test]
fn all_splits_are_mapped_and_filtered_as_one_is() {
    let mut splits = trainer_data::IterableDatasetDict::default();
    for (split, rows) in [("train", 0..30), ("test", 30..40)] {
        splits.insert(split, of(rows).to_iterable_dataset(1).unwrap());
    }
    let changed = splits.map(copied).filter(third);
    assert_eq!(changed.iter().len(), 2);
    for (split, stream) in changed.iter() {
        let alone = splits[split].map(copied).filter(third);
        assert_eq!(x(stream).unwrap(), x(&alone).unwrap());
        assert!(!x(stream).unwrap().is_empty());
        let first = stream.batches(1).unwrap().next().unwrap().unwrap();
        let row = first.row(0).unwrap();
        assert_eq!(row.int("z").unwrap(), row.int("x").unwrap());
    }
}

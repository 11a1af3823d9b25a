//! Results of `map` and `filter` that later calls find again.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::prelude::*;
use tempfile::TempDir;
use trainer_data::{
    BoxError, ClassLabel, Column, Columns, Dataset, DatasetDict, Feature, FilterOptions,
    MapOptions, MapRows, ResultCache, Rows, Value,
};

use crate::support::warnings;

/// Counts the letters of texts, and how often it is called; says what it makes, if it is told to.
#[derive(Default)]
struct Letters {
    calls: AtomicUsize,
    says: Option<&'static str>,
}

impl MapRows for Letters {
    fn map_rows(&self, rows: &Rows<'_>) -> Result<Columns, BoxError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let texts = rows.column("text")?;
        let lengths = (0..rows.len()).map(|k| Ok(texts.str(k)?.len() as i64));
        let lengths: Vec<i64> = lengths.collect::<trainer_data::Result<_>>()?;
        Ok(Columns::new().with("letters", Column::ints(lengths)))
    }

    fn fingerprint(&self) -> Option<String> {
        self.says.map(str::to_owned)
    }
}

fn texts(count: usize) -> Dataset {
    let texts = (0..count).map(|number| "x".repeat(number % 9));
    let columns = Columns::new()
        .with("text", Column::strings(texts))
        .with("label", Column::ints((0..count).map(|n| n as i64 % 2)));
    Dataset::from_columns(columns).unwrap()
}

fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn rows(data: &Dataset) -> Vec<String> {
    data.iter().map(|row| format!("{row:?}")).collect()
}

/// How often the function was called for what `map` gave.
fn calls(data: &Dataset, function: &Letters, options: &MapOptions) -> usize {
    function.calls.store(0, Ordering::Relaxed);
    let found = data.map_with(function, options).unwrap();
    let options = options.clone();
    let calls = function.calls.load(Ordering::Relaxed);
    let made = MapOptions::default().batch_size(options.batch_size);
    let made = made.remove_columns(options.remove_columns);
    let made = data.map_with(function, &made).unwrap();
    assert_eq!(found.features(), made.features());
    assert_eq!(rows(&found), rows(&made));
    calls
}

#[test]
fn a_result_is_found_again_wherever_the_rows_lie() {
    let folder = TempDir::new().unwrap();
    let data = texts(30);
    let letters = Letters::default();
    let cache = ResultCache::new().folder(folder.path().join("new/folder"));
    let options = MapOptions::default().batch_size(10).cache(cache.key("1"));
    assert_eq!(calls(&data, &letters, &options), 3);
    assert_eq!(calls(&data, &letters, &options), 0);
    // In two threads instead of as many as there are cores, and with a bar.
    let otherwise = options.clone().num_proc(2).desc("Letters");
    assert_eq!(calls(&data, &letters, &otherwise), 0);

    let saved = folder.path().join("saved");
    data.save_to_disk(&saved).unwrap();
    let mapped = Dataset::load_from_disk(&saved).unwrap();
    assert_eq!(calls(&mapped, &letters, &options), 0);
    let twice = data.shuffle(1).shuffle(2);
    assert_eq!(calls(&twice, &letters, &options), 3);
    let chosen = trainer_data::concatenate_datasets(&[twice.take(7), twice.skip(7)]).unwrap();
    assert_eq!(calls(&chosen, &letters, &options), 0);
}

#[test]
fn whatever_decides_about_a_result_makes_it_another() {
    let folder = TempDir::new().unwrap();
    let cache = ResultCache::new().folder(folder.path());
    let options = MapOptions::default().cache(cache.clone().key("1"));
    let data = texts(5);
    let letters = Letters::default();
    let changed = |texts: &str| {
        let row = Columns::new()
            .with("text", Column::strings([texts]))
            .with("label", Column::ints([0]));
        Dataset::from_columns(row).unwrap()
    };
    let classes = Feature::ClassLabel(ClassLabel::new(["a", "b"]));
    let others = Feature::ClassLabel(ClassLabel::new(["a", "c"]));
    for data in [
        data.clone(),
        data.take(4),
        data.shuffle(3),
        data.select_columns(&["text"]).unwrap(),
        data.select_columns(&["label", "text"]).unwrap(),
        data.rename_column("label", "labels").unwrap(),
        data.cast_column("label", &Feature::Int32).unwrap(),
        data.cast_column("label", &classes).unwrap(),
        data.cast_column("label", &others).unwrap(),
        changed("a"),
        changed("b"),
        changed(""),
    ] {
        assert_eq!(calls(&data, &letters, &options), 1, "{data}");
        assert_eq!(calls(&data, &letters, &options), 0, "{data}");
    }
    let says = |says| Letters {
        says: Some(says),
        ..Letters::default()
    };
    for (letters, options) in [
        (&letters, options.clone().batch_size(999)),
        (&letters, options.clone().remove_columns(["label"])),
        (&letters, options.clone().cache(cache.clone().key("2"))),
        (&says("all"), options.clone()),
        (&says("few"), options.clone()),
        (&says("all"), MapOptions::default().cache(cache.clone())),
    ] {
        assert_eq!(calls(&data, letters, &options), 1, "{options:?}");
        assert_eq!(calls(&data, letters, &options), 0, "{options:?}");
    }
}

#[test]
fn a_function_that_says_nothing_needs_a_key() {
    let folder = TempDir::new().unwrap();
    let cache = ResultCache::new().folder(folder.path());
    let options = MapOptions::default().cache(cache.clone());
    let refused = |result: trainer_data::Result<Dataset>| result.unwrap_err().to_string();
    let error = refused(texts(3).map_with(&Letters::default(), &options));
    assert!(
        error.starts_with("cache: the function given to map"),
        "{error}"
    );
    assert!(error.contains("key"), "{error}");
    let filter = FilterOptions::default().cache(cache.clone());
    let error = refused(texts(3).filter_with(|_| Ok(true), &filter));
    assert!(
        error.contains("given to filter") && error.contains("key"),
        "{error}"
    );

    let twice = options
        .cache(cache.key("1"))
        .on_disk(folder.path().join("own.arrow"));
    let error = refused(texts(3).map_with(&Letters::default(), &twice));
    assert!(
        error.starts_with("on_disk: there is a cache too"),
        "{error}"
    );
    assert!(files(&folder).is_empty());
}

#[test]
fn splits_have_a_file_each_in_a_cache_and_do_not_share_one() {
    let folder = TempDir::new().unwrap();
    let splits = DatasetDict::from_iter([("train", texts(3)), ("test", texts(2))]);
    let letters = Letters::default();
    let one = MapOptions::default().on_disk(folder.path().join("one.arrow"));
    let error = splits.map_with(&letters, &one).unwrap_err().to_string();
    assert!(
        error.starts_with("on_disk: ") && error.contains("several splits"),
        "{error}"
    );
    let cache = ResultCache::new().folder(folder.path()).key("1");
    let options = MapOptions::default().cache(cache);
    let made = splits.map_with(&letters, &options).unwrap();
    let lengths: Vec<usize> = made.iter().map(|(_, data)| data.num_rows()).collect();
    assert_eq!((lengths, files(&folder).len()), (vec![3, 2], 2));
}

#[test]
fn what_fails_is_not_kept() {
    let folder = TempDir::new().unwrap();
    let cache = ResultCache::new().folder(folder.path()).key("1");
    let failing = |rows: &Rows<'_>| -> Result<Columns, BoxError> {
        let texts = rows.column("text")?;
        texts.int(0)?;
        Ok(Columns::new())
    };
    let options = MapOptions::default().cache(cache.clone());
    texts(3).map_with(&failing, &options).unwrap_err();
    let filter = FilterOptions::default().cache(cache.clone());
    texts(3)
        .filter_with(|row| Ok(row.int("text")? > 1), &filter)
        .unwrap_err();
    assert!(files(&folder).is_empty());

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let options = MapOptions::default().cache(cache.folder(file.join("below")));
    let error = texts(3)
        .map_with(&Letters::default(), &options)
        .unwrap_err();
    assert!(error.to_string().contains("file/below"), "{error}");
}

#[test]
fn a_file_that_does_not_open_is_made_anew() {
    let folder = TempDir::new().unwrap();
    let cache = ResultCache::new().folder(folder.path()).key("1");
    let options = MapOptions::default().cache(cache.clone());
    let (data, letters) = (texts(20), Letters::default());
    assert_eq!(calls(&data, &letters, &options), 1);
    let [file] = files(&folder).try_into().unwrap();
    for damage in [&b"no Arrow"[..], b""] {
        fs::write(&file, damage).unwrap();
        let (calls_made, warned) = warnings(|| calls(&data, &letters, &options));
        assert_eq!(calls_made, 1);
        assert!(
            warned.len() == 1 && warned[0].contains(file.to_str().unwrap()),
            "{warned:?}"
        );
        assert_eq!(calls(&data, &letters, &options), 0);
    }
}

#[test]
fn rows_that_are_kept_are_found_again() {
    let folder = TempDir::new().unwrap();
    let data = texts(2_500).shuffle(4);
    let count = AtomicUsize::new(0);
    let filter = |data: &Dataset, key: &str, least: usize| {
        count.store(0, Ordering::Relaxed);
        let cache = ResultCache::new().folder(folder.path()).key(key);
        let keep = |row: &trainer_data::Row<'_>| -> Result<bool, BoxError> {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(row.str("text")?.len() >= least)
        };
        let options = FilterOptions::default().cache(cache);
        let kept = data.filter_with(keep, &options).unwrap();
        let calls = count.load(Ordering::Relaxed);
        assert_eq!(rows(&kept), rows(&data.filter(keep).unwrap()));
        calls
    };
    for (key, least) in [("5", 5), ("none", 100), ("all", 0)] {
        assert_eq!(filter(&data, key, least), 2_500);
        assert_eq!(filter(&data, key, least), 0);
    }
    let less = data.take(100);
    assert_eq!(filter(&less, "all", 0), 100);

    // What another data set's rows are numbered is not taken for these.
    let before = files(&folder);
    assert_eq!(filter(&data.take(10), "ten", 0), 10);
    let file: Vec<PathBuf> = files(&folder);
    let file: &Path = file.iter().find(|file| !before.contains(file)).unwrap();
    for row in [10, -1] {
        let numbers = |_: &Rows<'_>| -> Result<Columns, BoxError> {
            Ok(Columns::new().with("row", Column::ints([0, row])))
        };
        let options = MapOptions::default().remove_columns(["text", "label"]);
        data.take(2)
            .map_with(&numbers, &options.on_disk(file))
            .unwrap();
        assert_eq!(filter(&data.take(10), "ten", 0), 10);
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i8>().prop_map(|number| Value::Int(number.into())),
        Just(Value::Int(0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Equal columns have one fingerprint, whatever became of the rows before; others have another.
    #[test]
    fn fingerprints_are_equal_where_columns_are(
        one in prop::collection::vec(value(), 0..6),
        other in prop::collection::vec(value(), 0..6),
        at in 0_usize..6,
    ) {
        let data = |values: &[Value]| {
            let column = Column::values(&Feature::Int64, values.to_vec()).unwrap();
            Dataset::from_columns(Columns::new().with("x", column)).unwrap()
        };
        let fingerprint = |data: &Dataset| data.fingerprint().unwrap();
        let (first, second) = (data(&one), data(&other));
        prop_assert_eq!(one == other, fingerprint(&first) == fingerprint(&second));
        let at = at.min(one.len());
        let parts = [first.take(at), first.skip(at)];
        let joined = trainer_data::concatenate_datasets(&parts).unwrap();
        prop_assert_eq!(fingerprint(&joined), fingerprint(&first));
    }
}

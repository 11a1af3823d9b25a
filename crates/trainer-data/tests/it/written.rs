//! What is written, against what Python's `datasets` writes of the same rows (`parity/written.py`), and what it reads.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
};

use arrow_ipc::reader::StreamReader;
use serde_json::Value as Json;
use tempfile::TempDir;
use trainer_data::{
    Column, Columns, CsvOptions, Dataset, DatasetDict, Error, Feature, JsonOptions, SaveOptions,
    Value, load_dataset,
};

use crate::support::described;

fn python(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/written")
        .join(name)
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

fn json(path: impl AsRef<Path>) -> Json {
    serde_json::from_str(&text(path)).unwrap()
}

fn kinds() -> Dataset {
    Dataset::load_from_disk(python("kinds/train")).unwrap()
}

fn one_split(data: &Dataset) -> DatasetDict {
    DatasetDict::new().with("train", data.clone())
}

fn flat() -> Dataset {
    let columns = [
        "text", "label", "yes", "small", "large", "i8", "i16", "u8", "u16", "u32",
    ];
    kinds().select_columns(&columns).unwrap()
}

/// The file of that name that Python has written has the same bytes.
fn same_text(name: &str, write: impl FnOnce(&Path)) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    write(&path);
    assert_eq!(text(&path), text(python(name)), "{name}");
}

#[test]
fn what_python_has_written_is_read() {
    assert_eq!(described(&one_split(&kinds())), json(python("kinds.json")));
    let parquet = load_dataset(python("kinds.parquet").to_str().unwrap(), None).unwrap();
    assert_eq!(described(&parquet), json(python("kinds.json")));
    let splits = DatasetDict::load_from_disk(python("kinds")).unwrap();
    assert_eq!(splits.splits().collect::<Vec<_>>(), ["train", "test"]);
    assert_eq!(splits["test"].num_rows(), 2);
}

/// `TRAINER_WRITTEN` names a folder to write to, for `parity/written.py --check`.
#[test]
fn all_kinds_come_back() {
    let temporary = TempDir::new().unwrap();
    let named = env::var_os("TRAINER_WRITTEN").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| temporary.path().to_owned());
    let data = kinds();
    let chosen = data.select(&[2, 0]).unwrap();
    let splits: DatasetDict = [("train", data.clone()), ("test", chosen)]
        .into_iter()
        .collect();
    let saved = folder.join("saved");
    splits
        .save_to_disk_with(&saved, &SaveOptions::new().num_shards(2))
        .unwrap();
    let read = DatasetDict::load_from_disk(&saved).unwrap();
    assert_eq!(described(&read), described(&splits));
    assert_eq!(read["train"].features(), data.features());

    let parquet = folder.join("kinds.parquet");
    data.to_parquet(&parquet).unwrap();
    let read = load_dataset(parquet.to_str().unwrap(), None).unwrap();
    assert_eq!(described(&read), described(&one_split(&data)));
    assert_eq!(read["train"].features(), data.features());

    let lines = folder.join("kinds.jsonl");
    let without_bytes = data.remove_columns(&["blob"]).unwrap();
    without_bytes.to_json(&lines).unwrap();
    let read = load_dataset(lines.to_str().unwrap(), None).unwrap();
    for name in ["text", "ids", "deep", "double", "struct"] {
        let values = |data: &Dataset| data.column(name).unwrap().iter().collect::<Vec<Value>>();
        assert_eq!(values(&read["train"]), values(&data), "{name}");
    }
    // What JSON has no type for comes back by its declared one.
    for name in [
        "day", "at", "time", "price", "label", "i8", "i16", "u8", "u16", "u32", "large", "masks",
        "narrow",
    ] {
        let feature = data.features().get(name).unwrap().clone();
        let cast = read["train"].cast_column(name, &feature).unwrap();
        assert_eq!(
            cast.column(name).unwrap(),
            data.column(name).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_saved_folder_is_as_python_writes_it() {
    let folder = TempDir::new().unwrap();
    let splits = DatasetDict::load_from_disk(python("kinds")).unwrap();
    let saved = folder.path().join("a/b/saved");
    splits.save_to_disk(&saved).unwrap();
    assert_eq!(
        json(saved.join("dataset_dict.json")),
        json(python("kinds/dataset_dict.json"))
    );
    for split in ["train", "test"] {
        let info = format!("{split}/dataset_info.json");
        assert_eq!(text(saved.join(&info)), text(python("kinds").join(&info)));
    }
    let file = "test/data-00000-of-00001.arrow";
    let schema = |path: PathBuf| {
        let file = fs::File::open(path).unwrap();
        StreamReader::try_new(file, None).unwrap().schema()
    };
    let (ours, theirs) = (schema(saved.join(file)), schema(python("kinds").join(file)));
    assert_eq!(ours.fields(), theirs.fields());
    let declared = |schema: &arrow_schema::Schema| -> Json {
        serde_json::from_str(&schema.metadata()["huggingface"]).unwrap()
    };
    assert_eq!(declared(&ours), declared(&theirs));

    let state = |path: PathBuf| json(path.join("test/state.json"));
    let (mut ours, theirs) = (state(saved.clone()), state(python("kinds")));
    let digits = ours["_fingerprint"].as_str().unwrap().to_owned();
    assert!(digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_ne!(
        ours["_fingerprint"],
        json(saved.join("train/state.json"))["_fingerprint"]
    );
    ours["_fingerprint"] = theirs["_fingerprint"].clone();
    assert_eq!(ours, theirs);
}

#[test]
fn texts_have_pythons_bytes() {
    same_text("flat.csv", |path| {
        let written = flat().to_csv(path).unwrap();
        assert_eq!(written, fs::metadata(path).unwrap().len());
    });
    same_text("semicolons.csv", |path| {
        let options = CsvOptions::new().sep(";").header(false).na_rep("NA");
        flat().to_csv_with(path, &options).unwrap();
    });
    same_text("flat.jsonl", |path| {
        let written = flat().to_json(path).unwrap();
        assert_eq!(written, fs::metadata(path).unwrap().len());
    });
    same_text("flat.json", |path| {
        let options = JsonOptions::new().lines(false);
        flat().to_json_with(path, &options).unwrap();
    });
    same_text("unicode.jsonl", |path| {
        let options = JsonOptions::new().force_ascii(false);
        flat().to_json_with(path, &options).unwrap();
    });
    same_text("nested.jsonl", |path| {
        let columns = ["struct", "deep", "json", "nothing"];
        let nested = kinds().select_columns(&columns).unwrap();
        nested.select(&[0, 2]).unwrap().to_json(path).unwrap();
    });
}

/// What pandas makes unreadable or rounds: a CR in a field, lists, digits behind the tenth, dates.
#[test]
fn texts_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let data = Dataset::from_columns(
        Columns::new()
            .with("text", Column::strings(["a\rb"]))
            .with("ids", Column::int_lists([(0..2000).collect::<Vec<i64>>()]))
            .with("number", Column::floats([0.1 + 0.2])),
    )
    .unwrap();
    let csv = folder.path().join("a.csv");
    data.to_csv(&csv).unwrap();
    let ids: Vec<String> = (0..2000).map(|id| id.to_string()).collect();
    let ids = format!("[{}]", ids.join(","));
    let read = load_dataset(csv.to_str().unwrap(), None).unwrap();
    let row = read["train"].row(0).unwrap();
    assert_eq!(row.get("text").unwrap(), "a\rb".into());
    assert_eq!(row.get("ids").unwrap(), ids.as_str().into());
    assert_eq!(row.get("number").unwrap(), (0.1 + 0.2).into());
    let lines = folder.path().join("a.jsonl");
    data.to_json(&lines).unwrap();
    let expected = format!("{{\"text\":\"a\\rb\",\"ids\":{ids},\"number\":0.30000000000000004}}\n");
    assert_eq!(text(lines), expected);
}

#[test]
fn texts_are_packed_as_their_names_say() {
    let folder = TempDir::new().unwrap();
    for (name, begin) in [
        ("a.csv.gz", &[0x1f, 0x8b][..]),
        ("a.jsonl.bz2", b"BZh"),
        ("a.csv.zst", &[0x28, 0xb5, 0x2f, 0xfd]),
    ] {
        let path = folder.path().join(name);
        match name.contains("csv") {
            true => flat().to_csv(&path),
            false => flat().to_json(&path),
        }
        .unwrap();
        let mut found = vec![0; begin.len()];
        fs::File::open(&path)
            .unwrap()
            .read_exact(&mut found)
            .unwrap();
        assert_eq!(found, begin, "{name}");
        let read = load_dataset(path.to_str().unwrap(), None).unwrap();
        assert_eq!(read["train"].num_rows(), 4, "{name}");
    }
    let message = flat()
        .to_csv(folder.path().join("a.csv.xz"))
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with(
            "a.csv.xz: files are written plain or packed as .gz, .bz2 or .zst, not as .xz"
        ),
        "{message}"
    );
}

#[test]
fn refusals_say_where_and_leave_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.jsonl");
    let message = kinds().to_json(&path).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "a.jsonl: row 0, column \"blob\": expected bytes that are UTF-8, found b\"\\x00\\xff\""
        ),
        "{message}"
    );
    let message = kinds().to_csv(&path).unwrap_err().to_string();
    assert!(message.contains("column \"blob\", row 0"), "{message}");
    let message = flat()
        .to_csv_with(&path, &CsvOptions::new().sep("ab"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "sep: expected one ASCII character that is no quote and no end of a line, found \"ab\""
    );
    let fields = Feature::Struct(trainer_data::Features::new());
    let column = Column::values(&fields, [Value::Null]).unwrap();
    let empty = Dataset::from_columns(Columns::new().with("s", column)).unwrap();
    assert!(matches!(empty.to_parquet(&path), Err(Error::File { .. })));
    let nowhere = folder.path().join("absent/a.csv");
    assert!(matches!(flat().to_csv(nowhere), Err(Error::Io { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn no_rows_keep_their_columns() {
    let folder = TempDir::new().unwrap();
    let none = kinds().select(&[]).unwrap();
    none.save_to_disk(folder.path().join("saved")).unwrap();
    let read = Dataset::load_from_disk(folder.path().join("saved")).unwrap();
    assert_eq!((read.num_rows(), read.features()), (0, none.features()));
    none.to_parquet(folder.path().join("a.parquet")).unwrap();
    none.to_csv(folder.path().join("a.csv")).unwrap();
    assert!(text(folder.path().join("a.csv")).starts_with("text,label,"));
    none.to_json(folder.path().join("a.jsonl")).unwrap();
    assert_eq!(text(folder.path().join("a.jsonl")), "");
    let options = JsonOptions::new().lines(false);
    none.to_json_with(folder.path().join("a.json"), &options)
        .unwrap();
    assert_eq!(text(folder.path().join("a.json")), "[]\n");
}

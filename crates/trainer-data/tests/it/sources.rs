//! Files and folders: what they become, and what is refused with file and line.

use std::{fs, path::Path};

use tempfile::TempDir;
use trainer_data::{
    Dataset, DatasetDict, Error, Feature, Features, Value, load_dataset, load_files,
    load_files_in_field,
};

fn recorded(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(path: &Path) -> trainer_data::Result<DatasetDict> {
    load_dataset(path.to_str().unwrap(), None)
}

fn file(name: &str, text: &str) -> trainer_data::Result<Dataset> {
    let folder = folder(&[(name, text)]);
    Ok(load(&folder.path().join(name))?["train"].clone())
}

/// The message of the error without the folder.
fn refused(name: &str, text: &str) -> String {
    let message = file(name, text).unwrap_err().to_string();
    message
        .split_once(name)
        .map(|(_, rest)| format!("{name}{rest}"))
        .unwrap_or(message)
}

fn rows(data: &Dataset) -> Vec<String> {
    data.iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn csv_types_are_found() {
    let text = "i,f,b,s,e\n1,1,true,01x,\n-2,2.5,False,,\n,1e3,TRUE,\"a, \"\"b\"\"\",\n";
    let data = file("a.csv", text).unwrap();
    let features: Vec<String> = data
        .features()
        .iter()
        .map(|(_, feature)| feature.to_string())
        .collect();
    assert_eq!(features, ["int64", "float64", "bool", "string", "null"]);
    assert_eq!(
        rows(&data),
        [
            r#"{"i": 1, "f": 1.0, "b": true, "s": "01x", "e": null}"#,
            r#"{"i": -2, "f": 2.5, "b": false, "s": null, "e": null}"#,
            r#"{"i": null, "f": 1000.0, "b": true, "s": "a, \"b\"", "e": null}"#,
        ]
    );
    assert_eq!(
        rows(&file("a.tsv", "\u{feff}x\ty\n1\ta b\n").unwrap()),
        [r#"{"x": 1, "y": "a b"}"#]
    );
    assert_eq!(file("a.csv", "x,y\n").unwrap().num_rows(), 0);
    for (text, expected) in [
        // Long numbers that no type holds with the others keep their digits.
        ("x\n-1\n18446744073709551615\n", "-1, 18446744073709551615"),
        ("x\n18446744073709551616\n", "18446744073709551616"),
        // Words for missing numbers, and blanks around numbers, are so in columns of numbers alone.
        ("x\n1\nNA\n 2 \n", "1, null, 2"),
        ("x,y\n True,\nNULL,\n", " True, NULL"),
        ("x\nTrue\nNULL\n", "true, null"),
        ("x\nNA\nnull\n", "NA, null"),
        ("x\n1\n NA\n", "1,  NA"),
        ("x\n1.5\nNAN\n", "1.5, NAN"),
        // Lines of blanks are none, but for blanks in quotes.
        ("x\na\n  \n\t\nb\n", "a, b"),
        ("x\na\n\"  \"\nb\n", "a,   , b"),
        ("x,y\n1\n", "1"),
    ] {
        let data = file("a.csv", text).unwrap();
        let values = data.column("x").unwrap();
        let values: Vec<String> = values
            .iter()
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect();
        assert_eq!(values.join(", "), expected, "{text:?}");
    }
    let long = file("a.csv", "x\n1\n18446744073709551615\n").unwrap();
    assert_eq!(
        rows(&long),
        [r#"{"x": 1}"#, r#"{"x": 18446744073709551615}"#]
    );
}

#[test]
fn malformed_csv_is_told_with_its_line() {
    assert_eq!(
        refused("a.csv", "x,y\n1,2\n1,2,3\n"),
        "a.csv, line 3: 3 fields where the first line has 2"
    );
    assert_eq!(
        refused("a.csv", "x,y\n\"1\n2\",3\n4,5,6\n"),
        "a.csv, line 4: 3 fields where the first line has 2"
    );
    for end in ["\r\n", "\r", "\n"] {
        assert_eq!(
            refused("a.csv", &["x,y", "", "1,2", "1,2,3", ""].join(end)),
            "a.csv, line 4: 3 fields where the first line has 2"
        );
    }
    assert_eq!(
        refused("a.csv", "x,y\n0,1,2\n2,1,2\n"),
        "a.csv, line 3: the rows have a field more than the first line, and it is not the row's number, 1, but \"2\""
    );
    assert_eq!(
        refused("a.csv", ""),
        "a.csv, line 1: the file is empty; its first line must name the columns"
    );
}

/// csv itself takes the end of the file for the end of a quote, with all rows behind it in one cell.
#[test]
fn a_quote_that_is_not_closed_is_told_with_the_line_of_its_row() {
    let message = "a quote in the row that begins here is not closed before the file ends";
    for (text, line) in [
        ("label,text\n1,\"good\n0,bad\n", 2),
        ("label,text\n1,\"good", 2),
        ("label,text\n1,\"good\"\"\n0,\"\"bad\"\"\n", 2),
        ("label,text\n1,\"\n", 2),
        // The columns come out wrong as well.
        ("text,label\n\"good,1\nbad,0\n", 2),
        // Before it are rows of several lines, empty lines and other ends of lines.
        ("label,text\n1,\"a\nb\"\n0,\"bad\n1,good\n", 4),
        ("label,text\n\n1,good\n\n\n0,\"bad\n", 6),
        ("label,text\r\n1,good\r\n0,\"bad\r\n1,good\r\n", 3),
        ("label,\"text\n1,good\n", 1),
        ("\u{feff}\"label,text\n1,good\n", 1),
        ("\"", 1),
    ] {
        let expected = format!("a.csv, line {line}: {message}");
        assert_eq!(refused("a.csv", text), expected, "{text:?}");
    }
    let tabs = "label\ttext\n1\ta, b\n0\t\"bad\n";
    assert_eq!(refused("a.tsv", tabs), format!("a.tsv, line 3: {message}"));
    let long = format!(
        "label,text\n{}0,\"bad\n1,good\n",
        "1,good\n".repeat(100_000)
    );
    assert_eq!(
        refused("a.csv", &long),
        format!("a.csv, line 100002: {message}")
    );
}

#[test]
fn quotes_that_are_closed_or_text_load() {
    for (text, last) in [
        ("x,y\n1,\"a\"", "a"),
        ("x,y\n1,\"a\"\n", "a"),
        ("x,y\r\n1,\"a\"\r\n", "a"),
        ("x,y\r1,\"a\"\r", "a"),
        ("x,y\n1,\"a\"\n\n\r\n", "a"),
        ("x,y\n1,\"a\nb\"\n", "a\nb"),
        ("x,y\n1,\"a\r\nb\"", "a\r\nb"),
        ("x,y\n1,\"a\"\"\"\n", "a\""),
        ("x,y\n1,\"\"\"\"", "\""),
        ("x,y\n1,5\" disk\n", "5\" disk"),
        ("x,y\n1,5\"", "5\""),
        ("x,y\n1, \"a", " \"a"),
        ("x,y\n1,\"a\"b\"\n", "ab\""),
        ("\u{feff}\"x\",\"y\"\n1,a\n", "a"),
    ] {
        let data = file("a.csv", text).unwrap();
        assert_eq!(data.num_rows(), 1, "{text:?}");
        assert_eq!(data.row(0).unwrap().str("y").unwrap(), last, "{text:?}");
    }
    assert_eq!(file("a.csv", "\"x\",\"y\"").unwrap().num_rows(), 0);
    // Two files that were put together: what stands before the quote makes it a part of the text.
    let marked = file("a.csv", "x\na\n\u{feff}\"b\n").unwrap();
    assert_eq!(marked.row(1).unwrap().str("x").unwrap(), "\u{feff}\"b");
}

#[test]
fn json_types_are_found() {
    let lines = "{\"a\": 1, \"l\": [1, 2.5], \"s\": {\"x\": null}}\n\n{\"a\": 2.5, \"t\": \"z\", \"l\": []}\n";
    let data = file("a.jsonl", lines).unwrap();
    let expected = Features::new()
        .with("a", Feature::Float64)
        .with("l", Feature::list(Feature::Float64))
        .with(
            "s",
            Feature::Struct(Features::new().with("x", Feature::Null)),
        )
        .with("t", Feature::String);
    assert_eq!(data.features(), expected);
    assert_eq!(
        rows(&data),
        [
            r#"{"a": 1.0, "l": [1.0, 2.5], "s": {"x": null}, "t": null}"#,
            r#"{"a": 2.5, "l": [], "s": null, "t": "z"}"#
        ]
    );
    let array = "[{\"a\": \"]\"},\n {\"a\": \"é\"}]";
    assert_eq!(
        rows(&file("a.json", array).unwrap()),
        [r#"{"a": "]"}"#, r#"{"a": "é"}"#]
    );
    assert_eq!(
        rows(&file("a.json", "{\"a\": 1}\n{\"a\": 2}\n").unwrap()),
        [r#"{"a": 1}"#, r#"{"a": 2}"#]
    );
    assert_eq!(file("a.jsonl", "").unwrap().num_rows(), 0);
}

#[test]
fn malformed_json_is_told_with_its_line() {
    let message = refused("a.jsonl", "{\"a\": 1}\n{\"a\": }\n");
    assert!(
        message == "a.jsonl, line 2: not JSON at column 7: expected value",
        "{message}"
    );
    let message = refused("a.jsonl", "1\n");
    assert!(
        message.starts_with("a.jsonl, line 1: a row must be a JSON object"),
        "{message}"
    );
    let message = refused("a.json", "[{\"a\": 1},\n{\"a\": tru}]");
    assert_eq!(
        message,
        "a.json, line 2: not JSON at column 10: expected ident"
    );
    assert_eq!(
        refused("a.json", "[{\"a\": 1}\n"),
        "a.json, line 2: not JSON at column 1: expected ',' or ']', found the end"
    );
    let bytes = TempDir::new().unwrap();
    let path = bytes.path().join("b.jsonl");
    fs::write(&path, b"{}\n\"\xff\"\n").unwrap();
    assert!(
        load(&path)
            .unwrap_err()
            .to_string()
            .contains("line 2: the line is not UTF-8")
    );
}

#[test]
fn text_is_one_row_a_line() {
    assert_eq!(
        rows(&file("a.txt", "one\r\n\ntwo").unwrap()),
        [
            r#"{"text": "one"}"#,
            r#"{"text": ""}"#,
            r#"{"text": "two"}"#
        ]
    );
}

#[test]
fn arrow_types_are_kept_or_widened() {
    let expected: Vec<Vec<Value>> = vec![
        vec![1.into(), Value::Null, (-3).into()],
        vec![1.into(), 2.into(), 4_294_967_295.into()],
        vec![0.5.into(), Value::Null, 2.0.into()],
        vec!["a".into(), "b".into(), "a".into()],
        vec!["x".into(), Value::Null, "zé".into()],
        vec![vec![1_i64, 2].into(), vec![3_i64, 4].into(), Value::Null],
        vec![
            vec![vec!["a"], vec![]].into(),
            Value::List(vec![]),
            Value::Null,
        ],
    ];
    let types = [
        "int8",
        "uint32",
        "float32",
        "string",
        "string",
        "list<int16>",
        "list<list<string>>",
    ];
    for name in ["types.parquet", "types.arrow"] {
        let data = load_dataset(&recorded(name), None).unwrap()["train"].clone();
        for ((column, expected), feature) in data.column_names().zip(&expected).zip(types) {
            let column = data.column(column).unwrap();
            let values: Vec<Value> = column.iter().collect();
            assert_eq!(&values, expected, "{name}");
            assert_eq!(column.feature().to_string(), feature, "{name}");
        }
        let row = data.row(2).unwrap();
        let fields = vec![
            ("x".to_owned(), Value::Int(3)),
            ("y".to_owned(), Value::Null),
        ];
        assert_eq!(row.get("struct").unwrap(), Value::Struct(fields));
        assert_eq!(data.features().get("nothing"), Some(&Feature::Null));
        assert!(data.row(1).unwrap().is_null("struct").unwrap());
        assert_eq!(data.features().get("coded"), Some(&Feature::Int8));
        let coded = data.column("coded").unwrap();
        let coded: Vec<Value> = coded.iter().collect();
        assert_eq!(coded, [7.into(), Value::Null, (-7).into()]);
        let inside = data.column("inside").unwrap();
        let feature = "struct<x: uint8, y: list<uint16>>";
        assert_eq!(inside.feature().to_string(), feature);
        assert_eq!(
            inside.get(0).unwrap().to_string(),
            r#"{"x": 255, "y": [65535]}"#
        );
    }
}

/// The same rows, written by pyarrow and as JSON, in several encodings.
#[test]
fn nested_parquet_is_what_pyarrow_wrote() {
    let expected = load_dataset(&recorded("nested.jsonl"), None).unwrap()["train"].clone();
    for name in ["nested_v1.parquet", "nested_v2.parquet", "nested.arrow"] {
        let data = load_dataset(&recorded(name), None).unwrap()["train"].clone();
        assert_eq!(data.num_rows(), expected.num_rows());
        for (row, expected) in data.iter().zip(expected.iter()) {
            for name in data.column_names() {
                let (found, expected) = (row.get(name).unwrap(), expected.get(name).unwrap());
                assert_eq!(found, expected, "{name}, row {}", row.number());
            }
        }
    }
}

#[test]
fn late_layouts_and_types_of_arrow_are_read() {
    let data = load_dataset(&recorded("late.arrow"), None).unwrap()["train"].clone();
    let features: Vec<String> = data
        .features()
        .iter()
        .map(|(name, feature)| format!("{name} {feature}"))
        .collect();
    assert_eq!(
        features,
        [
            "word string",
            "view list<string>",
            "map list<struct<key: string, value: int64>>",
            "half float32",
            "when timestamp[ms, tz=UTC]",
            "span duration[s]",
            "time time32[s]",
            "price decimal128(5, 2)",
            "bytes binary",
            "large uint64",
        ]
    );
    let none = r#""view": null, "map": null, "half": null, "when": null, "span": null, "time": null, "price": null, "bytes": null, "large": null"#;
    assert_eq!(
        rows(&data),
        [
            r#"{"word": "b", "view": ["a", "a text that does not fit a view"], "map": [{"key": "k", "value": 1}], "half": 1.5, "when": "2020-01-01T00:00:00.001Z", "span": "90s", "time": "01:01:01", "price": "-1.50", "bytes": b"\x00\xff", "large": 18446744073709551615}"#.to_owned(),
            format!(r#"{{"word": "a", {none}}}"#),
            r#"{"word": "c", "view": [], "map": [], "half": 0.0, "when": "1970-01-01T00:00:00Z", "span": "0s", "time": "00:00:00", "price": "-1.50", "bytes": b"ab", "large": 0}"#.to_owned(),
            format!(r#"{{"word": null, {none}}}"#),
        ]
    );
    assert!(data.row(0).unwrap().int("large").is_err());
    assert_eq!(data.row(2).unwrap().int("large").unwrap(), 0);
    assert!(data.row(0).unwrap().int("time").is_err());
    // What goes through a function keeps its type.
    let same = data.map(|rows: &trainer_data::Rows<'_>| {
        let mut columns = trainer_data::Columns::new();
        for name in rows.column_names() {
            let column = rows.column(name)?;
            let values: Result<Vec<Value>, Error> =
                (0..rows.len()).map(|k| column.value(k)).collect();
            columns.insert(
                name,
                trainer_data::Column::values(column.feature(), values?)?,
            );
        }
        Ok(columns)
    });
    assert_eq!(self::rows(&same.unwrap()), rows(&data));
}

/// What is looked at before it is decoded is looked at as the decoder finds it.
#[test]
fn pages_without_data_and_pages_with_levels_apart_are_read() {
    let none = load_dataset(&recorded("no_rows.parquet"), None).unwrap()["train"].clone();
    assert_eq!(none.num_rows(), 0);
    assert_eq!(none.features().get("text"), Some(&Feature::String));
    let words = load_dataset(&recorded("brotli_v2.parquet"), None).unwrap()["train"].clone();
    let found: Vec<Value> = words.column("text").unwrap().iter().collect();
    let expected = (0..300).map(|length| (length % 7 > 0).then(|| "é".repeat(length)));
    assert_eq!(found, expected.map(Value::from).collect::<Vec<_>>());
}

/// Texts by their lengths (version 1 of pages), and by what they share with the one before (version 2).
#[test]
fn texts_by_lengths_and_differences_are_what_pyarrow_wrote() {
    let text = |row: usize| match row % 11 {
        5 => Value::Null,
        _ => format!("{:o}", row * row).repeat(row % 9).into(),
    };
    for name in ["lengths.parquet", "prefixes.parquet"] {
        let data = load_dataset(&recorded(name), None).unwrap()["train"].clone();
        assert_eq!(data.num_rows(), 500);
        for row in data.iter() {
            let number = row.number();
            assert_eq!(row.get("text").unwrap(), text(number), "{name} {number}");
            let end = (number + number % 4).min(500);
            let list = match number % 7 {
                3 => Value::Null,
                _ => Value::List((number..end).map(text).collect()),
            };
            assert_eq!(row.get("list").unwrap(), list, "{name} {number}");
            let blob = format!("{:04}", number % 37).into_bytes();
            assert_eq!(row.get("blob").unwrap(), Value::Bytes(blob), "{name}");
        }
    }
}

#[test]
fn parquet_that_asks_for_more_than_it_has_is_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/parquet");
    const LENGTHS: &str = "column \"a\": a page of 300 values has 2147483647 lengths";
    const STANDS_FOR: &str =
        "it stands for more than 256 MiB, which is out of proportion to the size of the file";
    for (name, expected) in [
        ("lengths", LENGTHS),
        ("prefix_lengths", LENGTHS),
        ("suffix_lengths", LENGTHS),
        // 3,000 texts of 1 MiB, of which each is that before.
        ("shared_prefixes", &format!("column \"a\": {STANDS_FOR}")),
        ("dictionary", &format!("column \"s\": {STANDS_FOR}")),
        // Headers that readers differ on.
        (
            "header_twice",
            "column \"s\": the page at byte 4: it has not the header of its kind",
        ),
        (
            "header_byte",
            "column \"s\": the page at byte 4: field 2 of its metadata is no whole number",
        ),
        (
            "header_long",
            "column \"s\": the page at byte 4: a number of more than 32 bits",
        ),
        (
            "header_leap",
            "column \"s\": the page at byte 4: a number of more than 32 bits",
        ),
        ("levels", "field 5 of its metadata is no whole number"),
    ] {
        let file = format!("{corpus}/{name}.parquet");
        let expected =
            format!("{name}.parquet: the file is damaged or of another format: {expected}");
        let message = load_dataset(&file, None).unwrap_err().to_string();
        assert!(message.ends_with(&expected), "{message}");
        let streams = trainer_data::DatasetLoader::new(file.as_str()).streaming();
        let read = streams.and_then(|streams| {
            streams["train"]
                .batches(100)?
                .try_for_each(|rows| rows.map(drop))
        });
        let message = read.unwrap_err().to_string();
        assert!(message.ends_with(&expected), "{message}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let message = load_dataset(&recorded("label_out_of_range.parquet"), None)
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with("label_out_of_range.parquet: column \"label\", row 2: 2 is not one of the 2 classes no, yes"),
        "{message}"
    );
}

#[test]
fn damaged_files_are_refused_wherever_they_end() {
    for name in [
        "types.parquet",
        "types.arrow",
        "saved/train/data-00000-of-00001.arrow",
    ] {
        let whole = fs::read(recorded(name)).unwrap();
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(Path::new(name).file_name().unwrap());
        for length in (0..whole.len() - 16).step_by(97) {
            fs::write(&path, &whole[..length]).unwrap();
            let loaded = load(&path);
            assert!(loaded.is_err(), "{name} cut at {length} loads");
        }
    }
}

/// Of a stream, unlike a file, whose end lists its parts, a beginning can look whole.
#[test]
fn a_stream_without_its_end_is_refused() {
    let name = "nested.arrow";
    let whole = fs::read(recorded(name)).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    let cut = |length: usize| {
        fs::write(&path, &whole[..length]).unwrap();
        load(&path)
    };
    // Messages begin at multiples of 8 bytes with this mark: after the columns five with rows, and the end.
    let begins: Vec<usize> = (8..whole.len())
        .step_by(8)
        .filter(|at| whole[*at..].starts_with(&[0xff; 4]))
        .collect();
    assert_eq!(begins.len(), 6);
    assert_eq!(begins.last(), Some(&(whole.len() - 8)));
    for length in begins {
        let message = cut(length).unwrap_err().to_string();
        assert!(
            message.ends_with("it is truncated: the marker of the stream's end is missing"),
            "{length}: {message}"
        );
    }
    for length in whole.len() - 9..whole.len() {
        assert!(cut(length).is_err(), "{length}");
    }
    assert_eq!(cut(whole.len()).unwrap()["train"].num_rows(), 300);
}

#[test]
fn what_save_to_disk_wrote_loads() {
    let splits = load_dataset(&recorded("saved"), None).unwrap();
    assert_eq!(splits.splits().collect::<Vec<_>>(), ["train", "dev"]);
    assert_eq!(
        rows(&splits["train"]),
        [
            r#"{"text": "a", "label": 1, "tags": [0, 1]}"#,
            r#"{"text": "b", "label": 0, "tags": []}"#,
            r#"{"text": "c", "label": -1, "tags": [1]}"#
        ]
    );
    assert_eq!(
        rows(&splits["dev"])[1],
        r#"{"text": "a", "label": 1, "tags": [0, 1]}"#
    );
    let features = splits["dev"].features();
    assert_eq!(
        features.get("tags"),
        Some(&Feature::list(Feature::class_label(["O", "B"])))
    );
    let one = load_dataset(&recorded("saved/dev"), None).unwrap();
    assert_eq!(one["train"].num_rows(), 2);
}

#[test]
fn folders_split_by_names() {
    let folder = folder(&[
        ("train.jsonl", "{\"x\": 1}"),
        ("validation.jsonl", "{\"x\": 2.5}"),
        ("notes.md", "no"),
    ]);
    let data = load(folder.path()).unwrap();
    assert_eq!(data.splits().collect::<Vec<_>>(), ["train", "validation"]);
    // The types are found over all splits.
    assert_eq!(data["train"].features().get("x"), Some(&Feature::Float64));
    let empty = TempDir::new().unwrap();
    let message = load(empty.path()).unwrap_err().to_string();
    assert!(
        message.contains("has no data: no file ends with .parquet"),
        "{message}"
    );
    let message = load_dataset("./no/such.csv", None).unwrap_err().to_string();
    assert_eq!(message, "there is no file or folder \"./no/such.csv\"");
}

#[test]
fn shards_follow_each_other() {
    let folder = folder(&[
        ("a-1.csv", "x,y\n1,a\n"),
        ("a-2.csv", "y,x\nb,2.5\n"),
        ("b.csv", "x\n1\n"),
    ]);
    let path = |name| folder.path().join(name);
    let data = load_files([("train", [path("a-1.csv"), path("a-2.csv")])]).unwrap();
    assert_eq!(
        rows(&data["train"]),
        [r#"{"x": 1.0, "y": "a"}"#, r#"{"x": 2.5, "y": "b"}"#]
    );
    let message = load_files([("train", [path("a-1.csv"), path("b.csv")])])
        .unwrap_err()
        .to_string();
    assert!(
        message.ends_with("its columns are x, but x, y in the files of the split before it"),
        "{message}"
    );
    assert!(matches!(
        load_files([("train", Vec::<String>::new())]),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn rows_may_stand_in_a_field_of_a_json_file() {
    let folder = folder(&[
        (
            "a.json",
            r#"{"version": "1", "data": [{"x": 1}, {"x": 2}]}"#,
        ),
        ("b.json", r#"{"rows": [{"x": 1}]}"#),
        ("c.csv", "x\n3\n"),
    ]);
    let load = |name| load_files_in_field([("train", [folder.path().join(name)])], "data");
    let found = rows(&load("a.json").unwrap()["train"]);
    assert_eq!(found, [r#"{"x": 1}"#, r#"{"x": 2}"#]);
    assert_eq!(rows(&load("c.csv").unwrap()["train"]), [r#"{"x": 3}"#]);
    let message = load("b.json").unwrap_err().to_string();
    assert!(
        message.contains("b.json") && message.contains("data"),
        "{message}"
    );
}

const CARD: &str = "---
configs:
- config_name: first
  default: true
  data_files:
  - split: train
    path: [\"data/a*.csv\", \"data/b.csv\"]
  - split: test
    path: data/**/c?.csv
- config_name: second
  data_dir: data
  data_files: a1.csv
- config_name: broken
  data_files: nothing-*
dataset_info:
- config_name: first
  features:
  - name: id
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          0: 'no'
          1: 'yes'
- config_name: second
---
# Text
";

#[test]
fn a_card_decides() {
    let files = [
        ("README.md", CARD),
        ("data/a1.csv", "id,label\n01,yes\n"),
        ("data/b.csv", "id,label\n02,0\n"),
        ("data/deep/c1.csv", "id\n03\n"),
    ];
    let folder = folder(&files);
    let path = folder.path().to_str().unwrap();
    let first = load_dataset(path, None).unwrap();
    assert_eq!(
        rows(&first["train"]),
        [r#"{"id": "01", "label": 1}"#, r#"{"id": "02", "label": 0}"#]
    );
    assert_eq!(rows(&first["test"]), [r#"{"id": "03", "label": null}"#]);
    let second = load_dataset(path, "second").unwrap();
    assert_eq!(rows(&second["train"]), [r#"{"id": 1, "label": "yes"}"#]);
    let message = load_dataset(path, "broken").unwrap_err().to_string();
    assert!(
        message
            .contains("split train of broken: no file matches nothing-*; the files are README.md"),
        "{message}"
    );
    let message = load_dataset(path, "frist").unwrap_err().to_string();
    assert!(
        message
            .ends_with("(did you mean \"first\"?); the configurations are first, second, broken"),
        "{message}"
    );
    fs::write(folder.path().join("data/b.csv"), "id,label\n02,maybe\n").unwrap();
    let message = load_dataset(path, None).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "b.csv, line 2: column \"label\": \"maybe\" is not one of the 2 classes no, yes"
        ),
        "{message}"
    );
    fs::write(folder.path().join("README.md"), "---\na: [\n---\n").unwrap();
    let message = load_dataset(path, None).unwrap_err().to_string();
    assert!(
        message.contains("README.md, line ") && message.contains("not YAML"),
        "{message}"
    );
}

//! Values as another type: what Python's `datasets` makes of them (`parity/conversions.py`), and where this is stricter or takes
//! more. Files whose columns differ in type too.

use std::fs;

use serde_json::Value as Json;
use trainer_data::{
    Column, Columns, Dataset, DatasetDict, DatasetLoader, Feature, Quantity, TimeUnit, Value,
};

fn recorded() -> Json {
    let path = format!("{}/tests/data/conversions.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => text.as_str().into(),
        other => panic!("{other}"),
    }
}

/// A column of the values' own type.
fn column(values: &Json) -> Column {
    let values: Vec<Value> = values.as_array().unwrap().iter().map(value).collect();
    let feature = match values.iter().find(|value| !value.is_null()) {
        Some(Value::Bool(_)) => Feature::Bool,
        Some(Value::Int(_)) => Feature::Int64,
        Some(Value::Float(_)) => Feature::Float64,
        Some(_) => Feature::String,
        None => Feature::Null,
    };
    Column::values(&feature, values).unwrap()
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        other => other.to_string().trim_matches('"').into(),
    }
}

fn feature(name: &str) -> Feature {
    match name {
        "label" => Feature::class_label(["neg", "pos"]),
        "bool" => Feature::Bool,
        "int8" => Feature::Int8,
        "int16" => Feature::Int16,
        "int32" => Feature::Int32,
        "uint8" => Feature::UInt8,
        "uint16" => Feature::UInt16,
        "uint32" => Feature::UInt32,
        "uint64" => Feature::UInt64,
        "int64" => Feature::Int64,
        "float64" => Feature::Float64,
        "string" => Feature::String,
        "date32" => Feature::Quantity(Quantity::Date32),
        _ => Feature::Quantity(Quantity::Timestamp(TimeUnit::Second, None)),
    }
}

#[test]
fn values_are_converted_as_python_converts_them() {
    let cases = recorded();
    let mut refused = 0;
    for case in cases["casts"].as_array().unwrap() {
        let cast = column(&case["values"]).cast(&feature(case["to"].as_str().unwrap()));
        match (cast, case.get("made")) {
            (Ok(cast), Some(made)) => {
                let found: Json = cast.iter().map(|value| plain(&value)).collect();
                assert_eq!(&found, made, "{case}");
            }
            (Err(_), None) => refused += 1,
            (cast, _) => panic!("{case}: {cast:?}"),
        }
    }
    assert!(refused > 10, "{refused}");
}

/// By the type of the first file, and never with another number.
#[test]
fn files_of_other_types_are_joined_as_python_joins_them() {
    let cases = recorded();
    let mut refused = 0;
    for case in cases["joined"].as_array().unwrap() {
        let folder = tempfile::tempdir().unwrap();
        let files = [0, 1].map(|at| {
            let column = column(&case["values"][at]);
            let column = column.cast(&feature(case["types"][at].as_str().unwrap()));
            let columns = Columns::new().with("a", column.unwrap());
            let file = folder.path().join(format!("{at}.parquet"));
            let data = Dataset::from_columns(columns).unwrap();
            data.to_parquet(&file).unwrap();
            file.to_str().unwrap().to_owned()
        });
        let loaded = DatasetLoader::new("parquet").data_files(files).load();
        match (loaded, case.get("made")) {
            (Ok(loaded), Some(made)) => {
                let column = loaded["train"].column("a").unwrap();
                assert_eq!(column.feature().to_string(), case["type"], "{case}");
                let found: Json = column.iter().map(|value| plain(&value)).collect();
                assert_eq!(&found, made, "{case}");
            }
            (Err(error), None) => {
                let message = error.to_string();
                assert!(message.contains("1.parquet"), "{message}");
                assert!(message.contains("column \"a\", row 0"), "{message}");
                refused += 1;
            }
            (loaded, _) => panic!("{case}: {loaded:?}"),
        }
    }
    assert_eq!(refused, 6);
}

#[test]
fn classes_are_named_as_python_names_them() {
    let cases = recorded();
    for case in cases["encoded"].as_array().unwrap() {
        let data = Columns::new().with("a", column(&case["values"]));
        let data = Dataset::from_columns(data).unwrap();
        let splits = DatasetDict::new().with("train", data.clone());
        let of_splits = splits.class_encode_column("a").unwrap()["train"].clone();
        for encoded in [data.class_encode_column("a").unwrap(), of_splits] {
            let column = encoded.column("a").unwrap();
            let names = column.feature().as_class_label().unwrap().names();
            assert_eq!(Json::from(names), case["names"], "{case}");
            let found: Json = column.iter().map(|value| plain(&value)).collect();
            assert_eq!(found, case["made"], "{case}");
        }
    }
}

#[test]
fn lists_of_texts_become_lists_of_classes_alike_in_all_splits() {
    let tags = |rows: &[&[&str]]| {
        Dataset::from_columns(Columns::new().with("tags", Column::string_lists(rows))).unwrap()
    };
    let splits = DatasetDict::new()
        .with("train", tags(&[&["O", "B-PER"], &[]]))
        .with("test", tags(&[&["B-LOC", "O"]]));
    let encoded = splits.class_encode_column("tags").unwrap();
    let classes = Feature::list(Feature::class_label(["B-LOC", "B-PER", "O"]));
    for (split, expected) in [("train", vec![2, 1]), ("test", vec![0, 2])] {
        let data = &encoded[split];
        assert_eq!(data.features().get("tags"), Some(&classes));
        let row = data.row(0).unwrap();
        assert_eq!(*row.int_list("tags").unwrap(), expected);
    }
    let again = encoded.class_encode_column("tags").unwrap();
    assert_eq!(again["test"].features(), encoded["test"].features());
    let of = |column| Dataset::from_columns(Columns::new().with("tags", column)).unwrap();
    let numbers = of(Column::int_lists([vec![7_i64, 3]]))
        .class_encode_column("tags")
        .unwrap();
    assert_eq!(*numbers.row(0).unwrap().int_list("tags").unwrap(), [1, 0]);
    assert!(
        of(Column::float_lists([vec![0.5_f64]]))
            .class_encode_column("tags")
            .is_err()
    );
}

/// Python refuses these in `cast_column`, though a card may declare them for CSV.
#[test]
fn whole_numbers_in_texts_are_labels_however_they_are_written() {
    let labels = Feature::class_label(["neg", "pos"]);
    let texts = Column::strings(["1.0", " pos", "1", "0.0 ", "neg"]);
    let made: Vec<Value> = texts.cast(&labels).unwrap().iter().collect();
    assert_eq!(made, [1, 1, 1, 0, 0].map(Value::Int));
    for text in ["0.5", "2.0", "nan", "1e300"] {
        assert!(Column::strings([text]).cast(&labels).is_err(), "{text}");
    }
}

/// Python makes true of every number that is not 0.
#[test]
fn only_0_and_1_are_truth_values() {
    assert!(Column::ints([2]).cast(&Feature::Bool).is_err());
    assert!(Column::floats([0.5]).cast(&Feature::Bool).is_err());
}

/// As Python's `str` writes them; `cast_column` of Python's `datasets` writes `1` for 1.0.
#[test]
fn floats_are_texts_as_python_prints_them() {
    let made = Column::floats([1.0, 0.1, 1e16, 1e-5, f64::NAN]);
    let made: Vec<Value> = made.cast(&Feature::String).unwrap().iter().collect();
    assert_eq!(
        made,
        ["1.0", "0.1", "1e+16", "1e-05", "nan"].map(Value::from)
    );
    let narrow = Column::values(&Feature::Float32, [Value::Float(0.1)]).unwrap();
    let made = narrow.cast(&Feature::String).unwrap().get(0);
    assert_eq!(made, Some("0.1".into()));
}

#[test]
fn quantities_change_their_unit_where_nothing_is_lost() {
    let of = |unit, count| {
        let quantity = Quantity::Timestamp(unit, None);
        let value = Value::Quantity {
            quantity: quantity.clone(),
            count,
        };
        (Feature::Quantity(quantity), value)
    };
    let (feature, value) = of(TimeUnit::Millisecond, 5_000);
    let (seconds, five) = of(TimeUnit::Second, 5);
    let column = Column::values(&feature, [value, Value::Null]).unwrap();
    let made: Vec<Value> = column.cast(&seconds).unwrap().iter().collect();
    assert_eq!(made, [five, Value::Null]);
    let (_, value) = of(TimeUnit::Millisecond, 5_001);
    let column = Column::values(&feature, [value]).unwrap();
    let message = column.cast(&seconds).unwrap_err().to_string();
    assert!(
        message.contains("expected timestamp[s], found"),
        "{message}"
    );
    let text = column.cast(&Feature::String).unwrap().get(0);
    assert_eq!(text, Some("1970-01-01T00:00:05.001".into()));
}

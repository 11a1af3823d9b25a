//! Whole numbers of every width: each stays as wide as it is. What Python writes and reads of them is in `written`.

use std::{fs, path::Path};

use proptest::{collection::vec, option, prelude::*};
use trainer_data::{
    Column, Columns, CsvOptions, Dataset, DatasetLoader, Features, Result, Rows, SortKey, Value,
    concatenate_datasets, load_dataset,
};
use trainer_data::{Element, Feature, Feature::*};

/// The types, their names, and the smallest and the largest number of each.
const WIDTHS: [(Feature, &str, i128, i128); 8] = [
    (Int8, "int8", i8::MIN as i128, i8::MAX as i128),
    (Int16, "int16", i16::MIN as i128, i16::MAX as i128),
    (Int32, "int32", i32::MIN as i128, i32::MAX as i128),
    (Int64, "int64", i64::MIN as i128, i64::MAX as i128),
    (UInt8, "uint8", 0, u8::MAX as i128),
    (UInt16, "uint16", 0, u16::MAX as i128),
    (UInt32, "uint32", 0, u32::MAX as i128),
    (UInt64, "uint64", 0, u64::MAX as i128),
];

fn number(value: i128) -> Value {
    match i64::try_from(value) {
        Ok(value) => Value::Int(value),
        Err(_) => Value::UInt(u64::try_from(value).unwrap()),
    }
}

/// Numbers of a width, one of `WIDTHS`, many of them at its ends, and some missing.
fn numbers() -> impl Strategy<Value = (usize, Vec<Value>)> {
    (0..WIDTHS.len()).prop_flat_map(|width| {
        let (_, _, least, most) = WIDTHS[width];
        let of_width = prop_oneof![Just(least), Just(most), least..=most].prop_map(number);
        let values = option::weighted(0.8, of_width).prop_map(|value| value.unwrap_or(Value::Null));
        (Just(width), vec(values, 1..40))
    })
}

/// The numbers alone, in lists, and in lists in structs.
fn nested(feature: &Feature, numbers: &[Value]) -> Dataset {
    let lists: Vec<Value> = (0..numbers.len())
        .map(|row| Value::List(numbers[row..numbers.len().min(row + row % 4)].to_vec()))
        .collect();
    let structs = numbers.iter().zip(&lists).map(|(number, list)| {
        Value::Struct(vec![
            ("x".to_owned(), number.clone()),
            ("y".to_owned(), list.clone()),
        ])
    });
    let list = Feature::list(feature.clone());
    let fields = Features::new()
        .with("x", feature.clone())
        .with("y", list.clone());
    let columns = [
        ("alone", feature.clone(), numbers.to_vec()),
        ("list", list, lists.clone()),
        ("struct", Feature::Struct(fields), structs.collect()),
    ]
    .map(|(name, feature, values)| (name, Column::values(&feature, values).unwrap()));
    Dataset::from_columns(columns.into_iter().collect()).unwrap()
}

fn same(one: &Dataset, other: &Dataset) {
    assert_eq!(one.features(), other.features());
    for (one, other) in one.iter().zip(other.iter()) {
        assert_eq!(one.values().unwrap(), other.values().unwrap());
    }
    assert_eq!(one.num_rows(), other.num_rows());
}

fn loaded(path: &Path) -> Dataset {
    load_dataset(path.to_str().unwrap(), None).unwrap()["train"].clone()
}

fn declared(path: &Path, features: Features) -> Result<Dataset> {
    let loader = DatasetLoader::new(path.to_str().unwrap()).features(features);
    Ok(loader.load()?["train"].clone())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn files_keep_every_width((width, numbers) in numbers()) {
        let data = nested(&WIDTHS[width].0, &numbers);
        let folder = tempfile::tempdir().unwrap();
        let [parquet, saved, lines] = ["a.parquet", "saved", "a.jsonl"].map(|name| folder.path().join(name));
        data.to_parquet(&parquet).unwrap();
        same(&loaded(&parquet), &data);
        data.save_to_disk(&saved).unwrap();
        let mapped = Dataset::load_from_disk(&saved).unwrap();
        same(&mapped, &data);
        same(&mapped.in_memory().unwrap(), &data);
        data.to_json(&lines).unwrap();
        same(&declared(&lines, data.features()).unwrap(), &data);
        let csv = folder.path().join("a.csv");
        let alone = data.select_columns(&["alone"]).unwrap();
        alone.to_csv_with(&csv, &CsvOptions::new().na_rep("NA")).unwrap();
        same(&declared(&csv, alone.features()).unwrap(), &alone);
    }

    #[test]
    fn rows_are_chosen_sorted_and_joined_in_every_width((width, numbers) in numbers()) {
        let data = nested(&WIDTHS[width].0, &numbers);
        let backwards: Vec<usize> = (0..numbers.len()).rev().collect();
        let chosen = data.select(&backwards).unwrap();
        let both = concatenate_datasets(&[data.clone(), chosen.clone()]).unwrap();
        prop_assert_eq!(both.features(), data.features());
        for (row, number) in numbers.iter().chain(numbers.iter().rev()).enumerate() {
            prop_assert_eq!(&both.row(row).unwrap().get("alone").unwrap(), number);
        }
        let sorted = data.sort_by(&[SortKey::new("alone")], false).unwrap();
        let sorted: Vec<Value> = sorted.iter().map(|row| row.get("alone").unwrap()).collect();
        let size = |value: &Value| match value {
            Value::Int(value) => i128::from(*value),
            Value::UInt(value) => i128::from(*value),
            _ => i128::MAX,
        };
        let mut expected = numbers;
        expected.sort_by_key(size);
        prop_assert_eq!(sorted, expected);
    }
}

#[test]
fn the_next_number_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (feature, name, least, most) in WIDTHS {
        assert_eq!(feature.to_string(), name);
        let ends = Column::values(&feature, [least, most].map(number)).unwrap();
        assert_eq!(ends.get(0), Some(number(least)));
        assert_eq!(ends.get(1), Some(number(most)));
        for beyond in [least - 1, most + 1] {
            if beyond < i128::from(i64::MIN) || beyond > i128::from(u64::MAX) {
                continue;
            }
            let values = [number(least), number(beyond)];
            let message = Column::values(&feature, values).unwrap_err().to_string();
            assert!(message.contains("row 1"), "{message}");
            let expected = format!("expected {name}, found {beyond}");
            assert!(message.contains(&expected), "{message}");
            let column = Column::values(
                if beyond < 0 { &Int64 } else { &UInt64 },
                [number(beyond), 0.into()],
            );
            let message = column.unwrap().cast(&feature).unwrap_err().to_string();
            assert!(
                message.contains("row 0") && message.contains(&expected),
                "{message}"
            );
            let text = Column::strings([beyond.to_string()]);
            assert!(text.cast(&feature).is_err(), "{beyond}");
            for (file, text) in [
                ("a.jsonl", format!("{{\"n\": 0}}\n{{\"n\": {beyond}}}\n")),
                ("a.csv", format!("n\n0\n{beyond}\n")),
            ] {
                let path = folder.path().join(file);
                fs::write(&path, text).unwrap();
                let features = Features::new().with("n", feature.clone());
                let message = declared(&path, features).unwrap_err().to_string();
                assert!(message.contains(file), "{message}");
                assert!(message.contains("column \"n\""), "{message}");
                assert!(message.contains(&format!("expected {name}")), "{message}");
            }
        }
    }
}

/// What a data set, a collator and a metric read of them.
#[test]
fn every_width_is_read_as_numbers() {
    fn check<T: Element + Into<i64>>(feature: Feature, numbers: [T; 2]) {
        let column = Column::int_lists([numbers.to_vec(), Vec::new()]);
        assert_eq!(column.feature(), &Feature::list(feature.clone()));
        let expected: [i64; 2] = numbers.map(Into::into);
        let alone = Column::values(&feature, expected.map(Value::Int)).unwrap();
        let columns = Columns::new().with("list", column).with("alone", alone);
        let data = Dataset::from_columns(columns).unwrap();
        let row = data.row(0).unwrap();
        assert_eq!(row.int("alone").unwrap(), expected[0]);
        assert_eq!(row.float("alone").unwrap(), expected[0] as f64);
        let mapped = |rows: &Rows<'_>| {
            let (lists, alone) = (rows.column("list")?, rows.column("alone")?);
            assert_eq!(*lists.int_list(0)?, expected);
            assert_eq!(*lists.float_list(0)?, expected.map(|value| value as f64));
            assert_eq!(lists.int_list(1)?.len(), 0);
            assert_eq!(alone.int(1)?, expected[1]);
            assert!(alone.bool(0).is_err() && alone.str(0).is_err());
            Ok(Columns::new().with("sum", Column::ints([alone.int(0)? + alone.int(1)?, 0])))
        };
        let sums = data.map(mapped).unwrap();
        assert_eq!(
            sums.row(0).unwrap().int("sum").unwrap(),
            expected[0] + expected[1]
        );
    }
    check(Int8, [i8::MIN, i8::MAX]);
    check(Int16, [i16::MIN, i16::MAX]);
    check(Int32, [i32::MIN, i32::MAX]);
    check(Int64, [i64::MIN, i64::MAX]);
    check(UInt8, [u8::MIN, u8::MAX]);
    check(UInt16, [u16::MIN, u16::MAX]);
    check(UInt32, [u32::MIN, u32::MAX]);
}

//! Which rows are chosen, and in which order: as Python's `datasets` chooses them, recorded by `parity/dataset_orders.py`.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use trainer_data::{
    ClassLabel, Column, Columns, Dataset, DatasetDict, Feature, Interleave, SortKey, SplitOptions,
    StoppingStrategy, Value, concatenate_datasets, interleave_datasets,
};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/dataset_orders.json")).unwrap()
}

fn cases<'a>(recorded: &'a Json, name: &str) -> &'a [Json] {
    recorded[name].as_array().unwrap()
}

fn numbers(values: &Json) -> Vec<i64> {
    serde_json::from_value(values.clone()).unwrap()
}

fn of(values: impl IntoIterator<Item = i64>) -> Dataset {
    Dataset::from_columns(Columns::new().with("x", Column::ints(values))).unwrap()
}

fn x(data: &Dataset) -> Vec<i64> {
    data.iter().map(|row| row.int("x").unwrap()).collect()
}

fn is_error(case: &Json) -> bool {
    case.get("error").is_some()
}

#[test]
fn rows_are_shuffled_as_python_shuffles_them() {
    let recorded = recorded();
    for case in cases(&recorded, "shuffle") {
        let count = case["n"].as_i64().unwrap();
        let order = x(&of(0..count).shuffle(case["seed"].as_u64().unwrap()));
        assert_eq!(
            order[..order.len().min(20)],
            numbers(&case["first"]),
            "{case}"
        );
        let text: String = order.iter().map(|row| format!("{row}\n")).collect();
        let digest = Sha256::digest(text);
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, case["sha256"], "{case}");
    }
}

/// The options of a case. A number with a point is a part of the rows.
fn options(case: &Json) -> SplitOptions {
    let mut options = SplitOptions::new(case["seed"].as_u64().unwrap());
    for (name, value) in case["options"].as_object().unwrap() {
        options = match (name.as_str(), value.as_u64(), value.as_f64()) {
            ("test_size", Some(rows), _) => options.test_size(rows as usize),
            ("test_size", None, Some(part)) => options.test_size(part),
            ("train_size", Some(rows), _) => options.train_size(rows as usize),
            ("train_size", None, Some(part)) => options.train_size(part),
            _ => options.shuffle(value.as_bool().unwrap()),
        };
    }
    options
}

fn same_splits(made: trainer_data::Result<DatasetDict>, case: &Json) {
    match made {
        Ok(made) => {
            assert!(!is_error(case), "{case}");
            assert_eq!(x(&made["train"]), numbers(&case["train"]), "{case}");
            assert_eq!(x(&made["test"]), numbers(&case["test"]), "{case}");
        }
        Err(error) => assert!(is_error(case), "{case}: {error}"),
    }
}

#[test]
fn rows_are_split_as_python_splits_them() {
    let recorded = recorded();
    for case in cases(&recorded, "split") {
        same_splits(of(0..100).train_test_split_with(&options(case)), case);
    }
}

#[test]
fn classes_are_divided_as_python_divides_them() {
    let recorded = recorded();
    for case in cases(&recorded, "stratified") {
        let labels = numbers(&recorded["labels"][case["labels"].as_str().unwrap()]);
        let names =
            ClassLabel::new((0..=labels.iter().copied().max().unwrap()).map(|n| n.to_string()));
        let columns = Columns::new()
            .with("x", Column::ints(0..labels.len() as i64))
            .with("label", Column::class_labels(names, labels).unwrap());
        let options = SplitOptions::new(case["seed"].as_u64().unwrap())
            .test_size(case["test_size"].as_f64().unwrap())
            .stratify_by_column("label");
        let data = Dataset::from_columns(columns).unwrap();
        same_splits(data.train_test_split_with(&options), case);
    }
}

#[test]
fn what_cannot_be_divided_by_classes_is_refused() {
    let data = of(0..10);
    let options = SplitOptions::new(0).stratify_by_column("x");
    let message = data
        .train_test_split_with(&options)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "column \"x\": expected class labels, none of which is missing, found int64"
    );
    let message = data
        .train_test_split_with(&options.shuffle(false))
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("stratify_by_column: "), "{message}");
}

#[test]
fn parts_are_those_of_python() {
    let recorded = recorded();
    for case in cases(&recorded, "shard") {
        let number = |name: &str| case[name].as_u64().unwrap() as usize;
        let contiguous = case["contiguous"].as_bool().unwrap();
        let data = of(0..number("n") as i64);
        let part = data
            .shard(number("count"), number("index"), contiguous)
            .unwrap();
        // Python fails where there are more parts than rows.
        let expected = match is_error(&case["made"]) {
            true => Vec::new(),
            false => numbers(&case["made"]),
        };
        assert_eq!(x(&part), expected, "{case}");
    }
    assert!(of(0..3).shard(2, 2, true).is_err());
    assert!(of(0..3).shard(0, 0, true).is_err());
}

/// A column of the recorded values; numbers that JSON does not have are texts there.
fn column(name: &str, values: &Json) -> Column {
    let feature = match name {
        "floats" => Feature::Float64,
        "texts" => Feature::String,
        "bools" => Feature::Bool,
        _ => Feature::Int64,
    };
    let values = values.as_array().unwrap().iter().map(|value| match value {
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(value) => Value::Int(value.as_i64().unwrap()),
        Json::String(text) if name == "floats" => Value::Float(text.parse().unwrap()),
        Json::String(text) => Value::Str(text.clone()),
        _ => Value::Null,
    });
    Column::values(&feature, values).unwrap()
}

#[test]
fn rows_are_sorted_as_python_sorts_them() {
    let recorded = recorded();
    for case in cases(&recorded, "sort") {
        let name = case["data"].as_str().unwrap();
        let values = &recorded["columns"][name];
        let columns = Columns::new()
            .with("a", column(name, &values["a"]))
            .with("b", column("ints", &values["b"]))
            .with("x", Column::ints(0..6));
        let data = Dataset::from_columns(columns).unwrap();
        let by = case["by"].as_array().unwrap().iter();
        let keys = by
            .zip(case["reverse"].as_array().unwrap())
            .map(|(column, reverse)| {
                SortKey::new(column.as_str().unwrap()).reverse(reverse.as_bool().unwrap())
            });
        let sorted = data.sort_by(&keys.collect::<Vec<_>>(), case["nulls"] == "at_start");
        assert_eq!(x(&sorted.unwrap()), numbers(&case["made"]), "{case}");
    }
}

#[test]
fn data_sets_are_mixed_as_python_mixes_them() {
    let recorded = recorded();
    for case in cases(&recorded, "interleave") {
        let lengths = numbers(&case["lengths"]);
        let sets = (0..)
            .zip(&lengths)
            .map(|(at, length)| of(100 * at..100 * at + length));
        let sets: Vec<Dataset> = sets.collect();
        let mut options = Interleave::new().stopping_strategy(match case["strategy"].as_str() {
            Some("all_exhausted") => StoppingStrategy::AllExhausted,
            Some("all_exhausted_without_replacement") => {
                StoppingStrategy::AllExhaustedWithoutReplacement
            }
            _ => StoppingStrategy::FirstExhausted,
        });
        if let Some(seed) = case["seed"].as_u64() {
            let weights: Vec<f64> = serde_json::from_value(case["weights"].clone()).unwrap();
            options = options.probabilities(weights, seed);
        }
        match interleave_datasets(&sets, &options) {
            Ok(made) => assert_eq!(x(&made), numbers(&case["made"]), "{case}"),
            Err(error) => assert!(is_error(&case["made"]), "{case}: {error}"),
        }
    }
}

#[test]
fn probabilities_that_are_none_are_refused() {
    let sets = [of(0..3), of(3..5), of([])];
    for (probabilities, words) in [
        (vec![0.5, 0.5], "2 for 3 data sets"),
        (vec![0.5, 0.4, 0.0], "0.9 in all, not 1"),
        (vec![1.5, -0.5, 0.0], "1.5 is not between 0 and 1"),
        (vec![f64::NAN, 1.0, 0.0], "NaN is not between 0 and 1"),
        (vec![0.5, 0.3, 0.2], "data set 2, from 0, has no rows"),
    ] {
        let options = Interleave::new().probabilities(probabilities, 1);
        let message = interleave_datasets(&sets, &options)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("probabilities: "), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let never = Interleave::new()
        .probabilities([1.0, 0.0], 1)
        .stopping_strategy(StoppingStrategy::AllExhausted);
    let message = interleave_datasets(&sets[..2], &never)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("data set 1, from 0, never ends"),
        "{message}"
    );
    assert!(interleave_datasets(&[], &Interleave::new()).is_err());
}

#[test]
fn data_sets_are_joined_where_their_columns_fit() {
    let one = Columns::new().with("a", Column::ints([1, 2])).with(
        "b",
        Column::values(&Feature::Null, [Value::Null, Value::Null]).unwrap(),
    );
    let one = Dataset::from_columns(one).unwrap();
    let other = Columns::new()
        .with("b", Column::strings(["x"]))
        .with("c", Column::floats([0.5]));
    let other = Dataset::from_columns(other).unwrap();
    let both = concatenate_datasets(&[one.select(&[1, 0]).unwrap(), other.clone()]).unwrap();
    assert_eq!(
        both.features().to_string(),
        "a: int64, b: string, c: float64"
    );
    let rows: Vec<String> = both.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(
        rows,
        [
            r#"{"a": 2, "b": null, "c": null}"#,
            r#"{"a": 1, "b": null, "c": null}"#,
            r#"{"a": null, "b": "x", "c": 0.5}"#
        ]
    );
    let wrong = other.rename_column("b", "a").unwrap();
    let message = concatenate_datasets(&[one.clone(), wrong])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "datasets: column \"a\" is int64 in one and string in another; cast_column makes them alike"
    );
    // A set without rows says nothing of columns, but the first of none but such.
    let none = other.take(0);
    let joined = concatenate_datasets(&[none.clone(), one.clone()]).unwrap();
    assert_eq!(joined.features(), one.features());
    assert_eq!(
        concatenate_datasets(&[none.clone(), none.clone()])
            .unwrap()
            .features(),
        none.features()
    );
    assert!(concatenate_datasets(&[]).is_err());
}

#[test]
fn columns_are_flattened_renamed_and_cast() {
    let fields = trainer_data::Features::new()
        .with("text", Feature::list(Feature::String))
        .with("start", Feature::Int32);
    let row = |text: &str, start| {
        Value::Struct(vec![
            ("text".to_owned(), vec![text].into()),
            ("start".to_owned(), Value::Int(start)),
        ])
    };
    let answers = Column::values(
        &Feature::Struct(fields),
        [row("a", 1), Value::Null, row("b", 2)],
    );
    let columns = Columns::new()
        .with("id", Column::ints([7, 8, 9]))
        .with("answers", answers.unwrap());
    let data = Dataset::from_columns(columns)
        .unwrap()
        .select(&[2, 1])
        .unwrap();
    let flat = data.flatten().unwrap();
    assert_eq!(
        flat.features().to_string(),
        "id: int64, answers.text: list<string>, answers.start: int32"
    );
    let rows: Vec<String> = flat.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(
        rows,
        [
            r#"{"id": 9, "answers.text": ["b"], "answers.start": 2}"#,
            r#"{"id": 8, "answers.text": null, "answers.start": null}"#
        ]
    );
    let swapped = data
        .rename_columns(&[("id", "answers"), ("answers", "id")])
        .unwrap();
    assert_eq!(
        swapped.column_names().collect::<Vec<_>>(),
        ["answers", "id"]
    );
    assert!(data.rename_columns(&[("id", "answers")]).is_err());
    let ids = data.select_columns(&["id"]).unwrap();
    let texts = trainer_data::Features::new().with("id", Feature::String);
    assert_eq!(
        ids.cast(&texts).unwrap().row(0).unwrap().str("id").unwrap(),
        "9"
    );
    let message = data.cast(&texts).unwrap_err().to_string();
    assert!(
        message.starts_with("features: column \"answers\" is only in one"),
        "{message}"
    );
}

#[test]
fn values_are_given_once_in_the_order_in_which_they_come() {
    let values = [
        Value::Int(3),
        Value::Null,
        Value::Int(1),
        Value::Int(3),
        Value::Null,
    ];
    let column = Column::values(&Feature::Int64, values).unwrap();
    let data = Dataset::from_columns(Columns::new().with("a", column)).unwrap();
    let unique = data.unique("a").unwrap();
    assert_eq!(unique, [Value::Int(3), Value::Null, Value::Int(1)]);
}

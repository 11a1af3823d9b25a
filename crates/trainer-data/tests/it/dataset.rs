//! What operations on data sets give, and what they refuse.

use trainer_data::{
    BoxError, ClassLabel, Column, Columns, Dataset, DatasetDict, Error, Feature, Features,
    MapOptions, Rows, Value,
};

fn reviews() -> Dataset {
    Dataset::from_columns(
        Columns::new()
            .with("text", Column::strings(["good", "bad", "fine", "poor"]))
            .with(
                "label",
                Column::class_labels(ClassLabel::new(["neg", "pos"]), [1, 0, 1, 0]).unwrap(),
            ),
    )
    .unwrap()
}

fn ints(data: &Dataset, column: &str) -> Vec<i64> {
    data.iter().map(|row| row.int(column).unwrap()).collect()
}

fn lengths(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let texts = rows.column("text")?;
    let lengths: Result<Vec<i64>, BoxError> = (0..rows.len())
        .map(|k| Ok(texts.str(k)?.len() as i64))
        .collect();
    Ok(Columns::new().with("length", Column::ints(lengths?)))
}

#[test]
fn prints_as_python_does() {
    let data = reviews();
    let expected = "Dataset({\n    features: ['text', 'label'],\n    num_rows: 4\n})";
    assert_eq!(data.to_string(), expected);
    let dict = DatasetDict::new()
        .with("train", data.clone())
        .with("test", data.take(1));
    let expected = "DatasetDict({\n    train: Dataset({\n        features: ['text', 'label'],\n        num_rows: 4\n    })\n    \
                    test: Dataset({\n        features: ['text', 'label'],\n        num_rows: 1\n    })\n})";
    assert_eq!(dict.to_string(), expected);
    assert_eq!(
        format!("{:?}", data.row(0).unwrap()),
        r#"{"text": "good", "label": 1}"#
    );
}

#[test]
fn map_adds_replaces_and_removes() {
    let data = reviews();
    let mapped = data.map(lengths).unwrap();
    assert_eq!(
        mapped.column_names().collect::<Vec<_>>(),
        ["text", "label", "length"]
    );
    assert_eq!(ints(&mapped, "length"), [4, 3, 4, 4]);
    let replaced = mapped
        .map(|rows: &Rows<'_>| Ok(Columns::new().with("text", Column::ints(vec![7; rows.len()]))))
        .unwrap();
    assert_eq!(
        replaced.column_names().collect::<Vec<_>>(),
        ["text", "label", "length"]
    );
    assert_eq!(ints(&replaced, "text"), [7; 4]);
    let options = MapOptions::default().remove_columns(["text", "label"]);
    let removed = data.map_with(&lengths, &options).unwrap();
    assert_eq!(removed.column_names().collect::<Vec<_>>(), ["length"]);
}

#[test]
fn map_of_chosen_rows_keeps_columns_in_step() {
    let data = reviews().select(&[3, 0, 0]).unwrap().map(lengths).unwrap();
    let texts: Vec<&str> = data.iter().map(|row| row.str("text").unwrap()).collect();
    assert_eq!(texts, ["poor", "good", "good"]);
    assert_eq!(data.num_rows(), 3);
}

#[test]
fn map_says_which_rows_failed_and_keeps_the_source() {
    let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..5000))).unwrap();
    let fails = |rows: &Rows<'_>| -> Result<Columns, BoxError> {
        let x = rows.column("x")?;
        match x.int(0)? {
            2000.. => Err(std::io::Error::other("no more").into()),
            _ => Ok(Columns::new()),
        }
    };
    let error = data.map(fails).unwrap_err();
    assert_eq!(error.to_string(), "map of rows 2000 to 2999: no more");
    let Error::Rows { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(source.downcast_ref::<std::io::Error>().is_some());
}

#[test]
fn map_refuses_what_cannot_be_a_column() {
    let data = reviews();
    let short = |_: &Rows<'_>| Ok(Columns::new().with("x", Column::ints([1])));
    let error = data.map(short).unwrap_err().to_string();
    assert_eq!(
        error,
        "map of rows 0 to 3: column \"x\" has 1 rows where 4 are expected, because the column \"text\" is kept as it was: name it \
         among the columns to remove, or make it anew"
    );
    let two_lengths = |_: &Rows<'_>| {
        let columns = Columns::new().with("text", Column::ints([1; 4]));
        Ok(columns.with("y", Column::ints([1; 5])))
    };
    let error = data.map(two_lengths).unwrap_err().to_string();
    assert_eq!(
        error,
        "map of rows 0 to 3: column \"y\" has 5 rows where 4 are expected"
    );
    let panics = |_: &Rows<'_>| -> Result<Columns, BoxError> { panic!("oh") };
    assert!(
        data.map(panics)
            .unwrap_err()
            .to_string()
            .contains("it panicked: oh")
    );
    let zero = MapOptions::default().batch_size(0);
    assert!(
        data.map_with(&lengths, &zero)
            .unwrap_err()
            .to_string()
            .starts_with("batch_size: ")
    );
    let uneven = |rows: &Rows<'_>| {
        let name = if rows.number(0) == Some(0) { "a" } else { "b" };
        Ok(Columns::new().with(name, Column::ints(vec![0; rows.len()])))
    };
    let error = data
        .map_with(&uneven, &MapOptions::default().batch_size(2))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "map of rows 2 to 3: the columns b were made, but a for the first rows"
    );
}

/// The characters of the texts, a row each, with the number of the text.
fn characters(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let texts = rows.column("text")?;
    let (mut made, mut of) = (Vec::new(), Vec::new());
    for k in 0..rows.len() {
        for character in texts.str(k)?.chars() {
            made.push(character.to_string());
            of.push(rows.number(k).unwrap() as i64);
        }
    }
    Ok(Columns::new()
        .with("text", Column::strings(made))
        .with("of", Column::ints(of)))
}

#[test]
fn map_gives_more_rows_or_fewer_where_no_column_is_kept() {
    let data = reviews();
    let options = MapOptions::default().remove_columns(["label"]);
    for batch in [1, 2, 3, 1000] {
        let mapped = data.map_with(&characters, &options.clone().batch_size(batch));
        let mapped = mapped.unwrap();
        assert_eq!(
            mapped.column_names().collect::<Vec<_>>(),
            ["text", "of"],
            "what is made anew stays in its place"
        );
        assert_eq!(mapped.num_rows(), 15);
        assert_eq!(mapped.row(5).unwrap().str("text").unwrap(), "a");
        assert_eq!(ints(&mapped, "of")[3..8], [0, 1, 1, 1, 2]);
    }
    let none = |_: &Rows<'_>| Ok(Columns::new().with("of", Column::ints([])));
    let both = MapOptions::default().remove_columns(["text", "label"]);
    assert_eq!(data.map_with(&none, &both).unwrap().num_rows(), 0);
    let error = data.map(characters).unwrap_err().to_string();
    assert!(error.contains("the column \"label\" is kept"), "{error}");
}

#[test]
fn map_is_the_same_for_any_threads_and_batches() {
    let data = Dataset::from_columns(Columns::new().with(
        "text",
        Column::strings((0..2500).map(|i| "x".repeat(i % 7))),
    ))
    .unwrap();
    let expected = ints(&data.map(lengths).unwrap(), "length");
    for (threads, batch) in [(1, 1), (4, 7), (3, 1000), (8, 5000)] {
        let options = MapOptions::default().num_proc(threads).batch_size(batch);
        assert_eq!(
            ints(&data.map_with(&lengths, &options).unwrap(), "length"),
            expected
        );
    }
    let empty = data.take(0).map(lengths).unwrap();
    assert_eq!(empty.num_rows(), 0);
}

#[test]
fn unknown_columns_are_told_with_those_there_are() {
    let data = reviews();
    let expected =
        "there is no column \"lable\" (did you mean \"label\"?); the columns are text, label";
    assert_eq!(
        data.rename_column("lable", "labels")
            .unwrap_err()
            .to_string(),
        expected
    );
    assert_eq!(
        data.remove_columns(&["lable"]).unwrap_err().to_string(),
        expected
    );
    assert_eq!(
        data.select_columns(&["lable"]).unwrap_err().to_string(),
        expected
    );
    assert_eq!(data.column("lable").unwrap_err().to_string(), expected);
    assert_eq!(
        data.row(0).unwrap().int("lable").unwrap_err().to_string(),
        expected
    );
    assert!(matches!(
        data.rename_column("label", "text"),
        Err(Error::DuplicateColumn { .. })
    ));
    assert!(matches!(
        data.select(&[4]),
        Err(Error::RowOutOfRange {
            row: 4,
            num_rows: 4
        })
    ));
}

#[test]
fn reads_by_type_name_column_and_row() {
    let data = reviews().shuffle(1);
    let rows = data.rows(&[2]).unwrap();
    let error = rows.column("text").unwrap().int(0).unwrap_err().to_string();
    assert!(
        error.starts_with("column \"text\", row 2: expected a whole number, found string \""),
        "{error}"
    );
    assert!(matches!(
        rows.column("label").unwrap().int(1),
        Err(Error::RowOutOfRange { .. })
    ));
    let lists = [
        Value::from(vec![1_i64, 2]),
        Value::Null,
        Value::List(vec![Value::Null]),
    ];
    let column = Column::values(&Feature::list(Feature::Int32), lists).unwrap();
    let data = Dataset::from_columns(Columns::new().with("ids", column)).unwrap();
    let all = data.all_rows();
    let ids = all.column("ids").unwrap();
    assert_eq!(*ids.int_list(0).unwrap(), [1, 2]);
    assert_eq!(*ids.float_list(0).unwrap(), [1.0, 2.0]);
    assert!(ids.is_null(1).unwrap());
    assert_eq!(
        ids.int_list(1).unwrap_err().to_string(),
        "column \"ids\", row 1: expected a list of whole numbers, found null"
    );
    assert!(ids.int_list(2).is_err());
}

#[test]
fn casts_convert_and_refuse() {
    let data =
        Dataset::from_columns(Columns::new().with("label", Column::ints([0, 1, -1, 5]))).unwrap();
    let yes_no = Feature::class_label(["no", "yes"]);
    let error = data.cast_column("label", &yes_no).unwrap_err().to_string();
    assert_eq!(
        error,
        "column \"label\", row 3: 5 is not one of the 2 classes no, yes"
    );
    let labels = data.take(3).cast_column("label", &yes_no).unwrap();
    assert_eq!(labels.features().get("label"), Some(&yes_no));
    let names = labels.cast_column("label", &Feature::String).unwrap();
    assert_eq!(names.row(1).unwrap().str("label").unwrap(), "yes");
    assert!(names.row(2).unwrap().is_null("label").unwrap());
    assert_eq!(
        names
            .take(2)
            .class_encode_column("label")
            .unwrap()
            .features()
            .get("label"),
        Some(&yes_no)
    );
    let floats = Column::floats([1.0, 2.5]);
    assert!(floats.cast(&Feature::Int32).is_err());
    assert_eq!(
        Column::floats([1.0, 2.0])
            .cast(&Feature::Int32)
            .unwrap()
            .get(1),
        Some(Value::Int(2))
    );
    assert!(Column::ints([1 << 40]).cast(&Feature::Int32).is_err());
}

#[test]
fn splits_have_pythons_sizes() {
    let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..11))).unwrap();
    let splits = data.train_test_split(0.2, 3).unwrap();
    assert_eq!(
        (splits["train"].num_rows(), splits["test"].num_rows()),
        (8, 3)
    );
    let mut all = ints(&splits["train"], "x");
    all.extend(ints(&splits["test"], "x"));
    all.sort_unstable();
    assert_eq!(all, (0..11).collect::<Vec<i64>>());
    for fraction in [0.0, 1.0, -1.0, f64::NAN, 0.99] {
        assert!(data.train_test_split(fraction, 0).is_err(), "{fraction}");
    }
}

#[test]
fn structs_nest() {
    let feature = Feature::Struct(
        Features::new()
            .with("text", Feature::list(Feature::String))
            .with("at", Feature::list(Feature::Int32)),
    );
    let value = Value::Struct(vec![
        ("at".to_owned(), Value::from(vec![3_i64])),
        ("text".to_owned(), Value::from(vec!["a"])),
    ]);
    let column = Column::values(&feature, [value.clone(), Value::Null]).unwrap();
    let read = column.get(0).unwrap();
    assert_eq!(read.field("at"), value.field("at"));
    assert_eq!(column.get(1), Some(Value::Null));
    let extra = Value::Struct(vec![("no".to_owned(), Value::Null)]);
    assert!(Column::values(&feature, [extra]).is_err());
    assert!(Column::values(&Feature::Struct(Features::new()), [Value::Null]).is_ok());
}

#[test]
fn columns_of_one_length() {
    let uneven = Columns::new()
        .with("a", Column::ints([1]))
        .with("b", Column::ints([1, 2]));
    assert!(matches!(
        Dataset::from_columns(uneven),
        Err(Error::ColumnLength { .. })
    ));
    let data = reviews();
    assert!(matches!(
        data.add_column("x", Column::ints([1])),
        Err(Error::ColumnLength { .. })
    ));
    let added = data
        .shuffle(4)
        .add_column("x", Column::ints([1, 2, 3, 4]))
        .unwrap();
    assert_eq!(ints(&added, "x"), [1, 2, 3, 4]);
    assert_eq!(ints(&added, "label"), ints(&data.shuffle(4), "label"));
}

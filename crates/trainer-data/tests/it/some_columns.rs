//! Loading some of the columns of a data set.

use std::fs;

use tempfile::TempDir;
use trainer_data::{DatasetLoader, Error, Feature, load_dataset};

fn recorded(name: &str) -> String {
    format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn only_the_named_columns_are_loaded_in_that_order() {
    let folder = TempDir::new().unwrap();
    let mut places = vec![recorded("data/types.parquet"), recorded("data/types.arrow")];
    for (name, text) in [
        ("a.csv", "int8,more,string\n1,2,a\n"),
        ("a.jsonl", "{\"int8\": 1, \"more\": 2, \"string\": \"a\"}\n"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        places.push(path.to_str().unwrap().to_owned());
    }
    for place in places {
        let whole = load_dataset(&place, None).unwrap()["train"].clone();
        let names: Vec<&str> = whole.column_names().collect();
        let wanted = [names[2], names[0]];
        let data = DatasetLoader::new(&place).columns(wanted).load().unwrap()["train"].clone();
        assert_eq!(data.column_names().collect::<Vec<_>>(), wanted, "{place}");
        for name in wanted {
            assert_eq!(
                data.column(name).unwrap(),
                whole.column(name).unwrap(),
                "{place}"
            );
        }
        let message = DatasetLoader::new(&place)
            .columns(["none"])
            .load()
            .unwrap_err();
        assert!(
            message.to_string().contains("there is no column \"none\""),
            "{message}"
        );
        let twice = DatasetLoader::new(&place)
            .columns([wanted[0], wanted[0]])
            .load();
        assert!(matches!(twice, Err(Error::DuplicateColumn { .. })));
    }
}

/// A column of intervals, which is not supported, does not keep the others from being read.
#[test]
fn a_column_that_is_not_supported_can_be_left_out() {
    let path = recorded("data/interval.arrow");
    let message = load_dataset(&path, None).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "column \"span\" has the Arrow type Interval(MonthDayNano), which is not supported; DatasetLoader::columns leaves it out"
        ),
        "{message}"
    );
    let data = DatasetLoader::new(&path).columns(["text"]).load().unwrap();
    assert_eq!(data["train"].features().get("text"), Some(&Feature::String));
}

#[test]
fn a_card_may_say_which_columns_of_parquet_are_read() {
    let folder = TempDir::new().unwrap();
    fs::copy(
        recorded("data/types.parquet"),
        folder.path().join("train.parquet"),
    )
    .unwrap();
    let names: Vec<String> = {
        let data = load_dataset(folder.path().to_str().unwrap(), None).unwrap();
        data["train"].column_names().map(str::to_owned).collect()
    };
    let card = format!(
        "---\nconfigs:\n- config_name: default\n  data_files: train.parquet\n  columns: [{}]\n---\n",
        names[1]
    );
    fs::write(folder.path().join("README.md"), card).unwrap();
    let data = load_dataset(folder.path().to_str().unwrap(), None).unwrap();
    assert_eq!(
        data["train"].column_names().collect::<Vec<_>>(),
        [names[1].as_str()]
    );
}

//! Data sets that stay in the files that they were saved to.

use std::{fs, path::Path};

use proptest::prelude::*;
use tempfile::TempDir;
use trainer_data::{
    BoxError, ClassLabel, Column, Columns, Dataset, DatasetDict, Feature, MapOptions, Rows,
    SaveOptions, Value, concatenate_datasets,
};

use crate::support::described;

/// Rows of every kind that Python writes, `count` of them.
fn kinds(count: usize) -> Dataset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/written/kinds/train");
    let kinds = Dataset::load_from_disk(path).unwrap().in_memory().unwrap();
    let rows: Vec<usize> = (0..count).map(|row| row * 7 % kinds.num_rows()).collect();
    kinds.select(&rows).unwrap().in_memory().unwrap()
}

fn numbers(count: i64) -> Dataset {
    let texts = (0..count).map(|number| format!("text {number}"));
    let lists = (0..count).map(|number| vec![number; number as usize % 5]);
    let columns = Columns::new()
        .with("x", Column::ints(0..count))
        .with("text", Column::strings(texts))
        .with("list", Column::int_lists(lists));
    Dataset::from_columns(columns).unwrap()
}

/// `data`, saved in some files and mapped.
fn mapped(folder: &TempDir, data: &Dataset) -> Dataset {
    let path = folder.path().join("saved");
    data.save_to_disk_with(&path, &SaveOptions::new().num_shards(3))
        .unwrap();
    Dataset::load_from_disk(path).unwrap()
}

fn same(one: &Dataset, other: &Dataset) {
    assert_eq!(one.features(), other.features());
    let split = |data: &Dataset| described(&DatasetDict::new().with("train", data.clone()));
    assert_eq!(split(one), split(other));
}

#[test]
fn rows_are_those_in_memory_whatever_is_done_with_them() {
    let folder = TempDir::new().unwrap();
    let here = kinds(4_321);
    let there = mapped(&folder, &here);
    same(&there, &here);
    same(&there.in_memory().unwrap(), &here);
    same(&there.shuffle(1), &here.shuffle(1));
    same(&there.skip(999).take(3), &here.skip(999).take(3));
    for name in ["text", "label", "large", "day", "price"] {
        same(&there.sort(name).unwrap(), &here.sort(name).unwrap());
        assert_eq!(there.unique(name).unwrap(), here.unique(name).unwrap());
    }
    for name in here.column_names() {
        let (one, other) = (there.column(name).unwrap(), here.column(name).unwrap());
        assert_eq!(one, other, "{name}");
        assert!(one.iter().eq(other.iter()), "{name}");
    }
    same(&there.flatten().unwrap(), &here.flatten().unwrap());
    let cast = |data: &Dataset| data.cast_column("small", &Feature::String).unwrap();
    same(&cast(&there), &cast(&here));
    let lines = |data: &Dataset, name: &str| {
        let path = folder.path().join(name);
        data.remove_columns(&["blob"])
            .unwrap()
            .to_json(&path)
            .unwrap();
        fs::read(path).unwrap()
    };
    assert!(lines(&there, "there.jsonl") == lines(&here, "here.jsonl"));
    let again = folder.path().join("again");
    there.shuffle(2).save_to_disk(&again).unwrap();
    same(&Dataset::load_from_disk(again).unwrap(), &here.shuffle(2));
}

#[test]
fn parts_in_memory_and_in_files_are_one_data_set() {
    let folder = TempDir::new().unwrap();
    let here = kinds(2_500);
    let there = mapped(&folder, &here);
    let both = concatenate_datasets(&[there.clone(), here.take(700), there.skip(2_400)]).unwrap();
    let rows: Vec<usize> = (0..2_500).chain(0..700).chain(2_400..2_500).collect();
    same(&both, &here.select(&rows).unwrap());
    same(
        &both.shuffle(3).in_memory().unwrap(),
        &here.select(&rows).unwrap().shuffle(3),
    );
}

/// The file goes when it is not looked at any more; until then the rows are those that were saved.
#[cfg(unix)]
#[test]
fn a_folder_that_is_replaced_or_removed_stays_for_those_who_have_it() {
    let folder = TempDir::new().unwrap();
    let first = mapped(&folder, &numbers(3_000));
    let second = mapped(&folder, &numbers(10));
    assert_eq!((first.num_rows(), second.num_rows()), (3_000, 10));
    fs::remove_dir_all(folder.path()).unwrap();
    same(&first, &numbers(3_000));
    same(&second, &numbers(10));
}

/// The text of row 1,500 begins with a byte that no text has.
#[test]
fn a_damaged_batch_is_an_error_where_it_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    numbers(3_000).save_to_disk(&path).unwrap();
    let file = path.join("data-00000-of-00001.arrow");
    let mut bytes = fs::read(&file).unwrap();
    let place = bytes.windows(9).position(|part| part == b"text 1500");
    bytes[place.unwrap()] = 0xff;
    fs::write(&file, bytes).unwrap();
    let data = Dataset::load_from_disk(&path).unwrap();
    assert_eq!(data.row(999).unwrap().str("text").unwrap(), "text 999");
    assert_eq!(data.row(1_500).unwrap().int("x").unwrap(), 1_500);
    let all = [
        data.row(1_000).unwrap().str("text").map(drop).unwrap_err(),
        data.row(1_500).unwrap().values().map(drop).unwrap_err(),
        data.column("text").map(drop).unwrap_err(),
        data.sort("text").map(drop).unwrap_err(),
        data.in_memory().map(drop).unwrap_err(),
        data.save_to_disk(folder.path().join("copy")).unwrap_err(),
        data.shuffle(1)
            .to_csv(folder.path().join("copy.csv"))
            .map(drop)
            .unwrap_err(),
    ];
    for error in all {
        let message = error.to_string();
        assert!(message.contains("data-00000-of-00001.arrow"), "{message}");
        assert!(message.contains("column \"text\""), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Labels that Python never looked at.
#[test]
fn labels_are_looked_at_when_they_are_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("saved");
    let labels = Column::class_labels(ClassLabel::new(["no", "yes"]), vec![1; 2_000]).unwrap();
    let data = Dataset::from_columns(Columns::new().with("label", labels)).unwrap();
    data.save_to_disk(&path).unwrap();
    let info = path.join("dataset_info.json");
    let text = fs::read_to_string(&info).unwrap();
    assert!(text.contains("\"yes\""));
    let one_name = text.replace("\"no\",", "");
    fs::write(&info, one_name).unwrap();
    let data = Dataset::load_from_disk(&path).unwrap();
    let refused = data.row(1).unwrap().int("label").unwrap_err().to_string();
    assert!(
        refused.contains('1') && refused.contains("yes"),
        "{refused}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Chunks are no rows: however a column is divided, and whatever is chosen of it.
    #[test]
    fn joined_parts_are_the_rows_one_after_the_other(
        lengths in prop::collection::vec(0_usize..1_200, 1..6),
        seed in any::<u64>(),
    ) {
        let total: usize = lengths.iter().sum();
        let whole = numbers(total as i64);
        let mut parts = Vec::new();
        let mut start = 0;
        for length in lengths {
            parts.push(whole.skip(start).take(length).in_memory().unwrap());
            start += length;
        }
        let joined = concatenate_datasets(&parts).unwrap();
        same(&joined, &whole);
        same(&joined.shuffle(seed), &whole.shuffle(seed));
        prop_assert_eq!(joined.column("list").unwrap(), whole.column("list").unwrap());
    }
}

fn lengths(rows: &Rows<'_>) -> Result<Columns, BoxError> {
    let texts = rows.column("text")?;
    let lengths: Result<Vec<i64>, BoxError> = (0..rows.len())
        .map(|k| Ok(texts.str(k)?.len() as i64))
        .collect();
    Ok(Columns::new().with("length", Column::ints(lengths?)))
}

#[test]
fn what_map_writes_is_what_it_makes() {
    let folder = TempDir::new().unwrap();
    let data = kinds(3_210)
        .filter(|row| Ok(!row.is_null("text")?))
        .unwrap();
    for (data, batch_size) in [
        (data.clone(), 1000),
        (data.shuffle(5), 7),
        (data.take(1), 1000),
    ] {
        let path = folder.path().join("mapped.arrow");
        let options = MapOptions::default().batch_size(batch_size);
        let made = data.map_with(&lengths, &options).unwrap();
        let written = data
            .map_with(&lengths, &options.clone().on_disk(&path))
            .unwrap();
        same(&written, &made);
        assert!(path.is_file());
        let less = options.remove_columns(["text", "blob"]);
        same(
            &data
                .map_with(&lengths, &less.clone().on_disk(&path))
                .unwrap(),
            &data.map_with(&lengths, &less).unwrap(),
        );
        // The first file was replaced.
        same(&written, &made);
    }
    let none = data.take(0);
    let path = folder.path().join("none.arrow");
    let options = MapOptions::default();
    same(
        &none
            .map_with(&lengths, &options.clone().on_disk(path))
            .unwrap(),
        &none.map_with(&lengths, &options).unwrap(),
    );
}

#[test]
fn a_map_that_fails_leaves_no_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mapped.arrow");
    let options = MapOptions::default().batch_size(10).on_disk(&path);
    let failing = |rows: &Rows<'_>| -> Result<Columns, BoxError> {
        let numbers = rows.column("x")?;
        let last = numbers.int(rows.len() - 1)?;
        match last {
            1_999 => Err("no more".into()),
            _ => Ok(Columns::new().with("y", Column::ints(vec![last; rows.len()]))),
        }
    };
    let error = numbers(5_000).map_with(&failing, &options).unwrap_err();
    assert_eq!(error.to_string(), "map of rows 1990 to 1999: no more");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = MapOptions::default().on_disk(folder.path().join("none/mapped.arrow"));
    assert!(
        numbers(5)
            .map_with(&failing, &nowhere)
            .unwrap_err()
            .to_string()
            .contains("none")
    );
    // Later batches are as the first ones are.
    let changing = |rows: &Rows<'_>| -> Result<Columns, BoxError> {
        let value = match rows.number(0) {
            Some(0) => Value::Int(1),
            _ => Value::from("one"),
        };
        let feature = match &value {
            Value::Int(_) => Feature::Int64,
            _ => Feature::String,
        };
        Ok(Columns::new().with("y", Column::values(&feature, vec![value; rows.len()])?))
    };
    let options = options.batch_size(100);
    let error = numbers(500).map_with(&changing, &options).unwrap_err();
    assert!(error.to_string().contains("rows 100 to 199"), "{error}");
}

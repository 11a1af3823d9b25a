//! Batches of labelled tokens and of choices equal those that `parity/collator_values.py` recorded from transformers.

use serde_json::Value as Json;
use trainer_collate::{
    DataCollatorForMultipleChoice, DataCollatorForTokenClassification, Error, Padding,
};
use trainer_data::{Column, Columns, Dataset};

use crate::support::{compare, dataset, recorded, tokenizer};

macro_rules! with_options {
    ($collator:expr, $options:expr) => {{
        let mut collator = $collator;
        if $options["padding"] == "max_length" {
            collator = collator.padding(Padding::MaxLength);
        }
        if let Some(length) = $options["max_length"].as_u64() {
            collator = collator.max_length(usize::try_from(length).unwrap());
        }
        if let Some(multiple) = $options["pad_to_multiple_of"].as_u64() {
            collator = collator.pad_to_multiple_of(usize::try_from(multiple).unwrap());
        }
        collator
    }};
}

fn data(case: &Json) -> Dataset {
    dataset(case["columns"].as_object().unwrap())
}

#[test]
fn labels_of_tokens_are_padded_as_in_python() {
    let recorded = recorded();
    for case in recorded["tokens"].as_array().unwrap() {
        let options = &case["options"];
        let collator = DataCollatorForTokenClassification::new(&tokenizer(&recorded, options));
        let mut collator = with_options!(collator, options);
        if let Some(id) = options["label_pad_token_id"].as_i64() {
            collator = collator.label_pad_token_id(id);
        }
        compare(case, collator.batch(&data(case).all_rows()));
    }
}

#[test]
fn choices_are_padded_as_in_python() {
    let recorded = recorded();
    for case in recorded["choices"].as_array().unwrap() {
        let options = &case["options"];
        let collator = DataCollatorForMultipleChoice::new(&tokenizer(&recorded, options));
        let collator = with_options!(collator, options);
        compare(case, collator.batch(&data(case).all_rows()));
    }
}

#[test]
fn a_row_whose_labels_are_not_as_many_as_its_tokens_is_named() {
    let columns = Columns::new()
        .with(
            "input_ids",
            Column::int_lists([vec![1_i64, 2], vec![1, 4, 2]]),
        )
        .with("labels", Column::int_lists([vec![0_i64, 1], vec![0, 1]]));
    let data = Dataset::from_columns(columns).unwrap();
    let recorded = recorded();
    let collator = DataCollatorForTokenClassification::new(&tokenizer(&recorded, &Json::Null));
    let error = collator.batch(&data.all_rows()).unwrap_err();
    assert!(
        matches!(&error, Error::Misaligned { column, row: 1, expected: 3, found: 2 } if column == "labels"),
        "{error}"
    );
}

#[test]
fn rows_without_choices_are_named() {
    let recorded = recorded();
    let collator = DataCollatorForMultipleChoice::new(&tokenizer(&recorded, &Json::Null));
    let row = |choices: Json| serde_json::json!({ "input_ids": choices });
    for (columns, row_at_fault) in [
        (row(serde_json::json!([[[1], [2]], []])), 1),
        (row(serde_json::json!([[], [[1], [2]]])), 0),
    ] {
        let data = dataset(columns.as_object().unwrap());
        let error = collator.batch(&data.all_rows()).unwrap_err();
        assert!(
            matches!(&error, Error::Choices { row, found: 0, .. } if *row == row_at_fault),
            "{error}"
        );
    }
}

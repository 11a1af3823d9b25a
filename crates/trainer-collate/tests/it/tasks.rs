//! Batches of labelled tokens, of choices, of texts to write and of rows behind one another equal those that `parity/collator_values.py` recorded from transformers.

use proptest::prelude::*;
use serde_json::Value as Json;
use tch::Tensor;
use trainer_collate::{
    DataCollatorForMultipleChoice, DataCollatorForSeq2Seq, DataCollatorForTokenClassification,
    DataCollatorWithFlattening, Error, Padding,
};
use trainer_data::{BoxError, Column, Columns, Dataset};

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

/// The tests' own model: labels moved by one.
fn shifted(labels: &Tensor, start: i64) -> Result<Tensor, BoxError> {
    let moved = labels.f_roll([1], [1])?;
    let _ = moved.f_narrow(1, 0, 1)?.f_fill_(start)?;
    Ok(moved.f_masked_fill(&moved.f_eq(-100)?, 6)?)
}

#[test]
fn labels_of_texts_are_padded_as_in_python() {
    let recorded = recorded();
    for case in recorded["seq2seq"].as_array().unwrap() {
        let options = &case["options"];
        let collator = DataCollatorForSeq2Seq::new(&tokenizer(&recorded, options));
        let mut collator = with_options!(collator, options);
        if options["padding"] == false {
            collator = collator.padding(Padding::DoNotPad);
        }
        if let Some(id) = options["label_pad_token_id"].as_i64() {
            collator = collator.label_pad_token_id(id);
        }
        if let Some(start) = options["decoder_start"].as_i64() {
            collator = collator
                .prepare_decoder_input_ids_from_labels(move |labels| shifted(labels, start));
        }
        compare(case, collator.batch(&data(case).all_rows()));
    }
}

#[test]
fn rows_are_put_behind_one_another_as_in_python() {
    for case in recorded()["flattened"].as_array().unwrap() {
        let mut collator = DataCollatorWithFlattening::new();
        for (name, value) in case["options"].as_object().unwrap() {
            let flag = value.as_bool();
            collator = match name.as_str() {
                "return_position_ids" => collator.return_position_ids(flag.unwrap()),
                "return_flash_attn_kwargs" => collator.return_flash_attn_kwargs(flag.unwrap()),
                "return_seq_idx" => collator.return_seq_idx(flag.unwrap()),
                "separator_id" => collator.separator_id(value.as_i64().unwrap()),
                "position_ids_start" => collator.position_ids_start(value.as_i64().unwrap()),
                other => panic!("{other}"),
            };
        }
        compare(case, collator.batch(&data(case).all_rows()));
    }
}

fn of(columns: Json) -> Dataset {
    dataset(columns.as_object().unwrap())
}

#[test]
fn errors_of_texts_to_write_name_column_and_row() {
    let recorded = recorded();
    let collator = DataCollatorForSeq2Seq::new(&tokenizer(&recorded, &Json::Null));
    let message = |collator: &DataCollatorForSeq2Seq, columns: Json| {
        let data = of(columns);
        collator.batch(&data.all_rows()).unwrap_err().to_string()
    };
    let text = message(
        &collator,
        serde_json::json!({ "input_ids": [[1], [2]], "labels": [[1, 2], null] }),
    );
    assert!(
        text.contains("\"labels\", row 1: there is no value"),
        "{text}"
    );
    let text = message(
        &collator,
        serde_json::json!({ "input_ids": [[1], [2]], "labels": [1, 0] }),
    );
    assert!(
        text.contains("\"labels\" of type int64: a list of whole numbers"),
        "{text}"
    );
    let fixed = collator.clone().padding(Padding::MaxLength).max_length(2);
    let text = message(
        &fixed,
        serde_json::json!({ "input_ids": [[1], [2]], "labels": [[1], [1, 2, 3]] }),
    );
    assert!(text.contains("\"labels\", row 1: 3 ids"), "{text}");
    let failing =
        collator.prepare_decoder_input_ids_from_labels(|_| Err("the model has no decoder".into()));
    let text = message(
        &failing,
        serde_json::json!({ "input_ids": [[1]], "labels": [[1]] }),
    );
    assert!(
        text.contains("decoder_input_ids") && text.contains("no decoder"),
        "{text}"
    );
}

#[test]
fn rows_that_cannot_stand_behind_one_another_are_named() {
    let message = |columns: Json| {
        let data = of(columns);
        let batch = DataCollatorWithFlattening::new().batch(&data.all_rows());
        batch.unwrap_err().to_string()
    };
    let text = message(serde_json::json!({ "input_ids": [[1, 2], []] }));
    assert!(
        text.contains("\"input_ids\", row 1: 0 values; expected are at least one"),
        "{text}"
    );
    let text =
        message(serde_json::json!({ "input_ids": [[1, 2], [3]], "labels": [[1, 2], [3, 4]] }));
    assert!(
        text.contains("\"labels\", row 1: 2 values for 1 ids"),
        "{text}"
    );
    let text = message(serde_json::json!({ "input_ids": [1, 2] }));
    assert!(text.contains("\"input_ids\" of type int64"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Between two ends lie the ids of one row, with positions from 0 on; only the first of each has no label.
    #[test]
    fn a_flattened_batch_is_its_rows(
        rows in prop::collection::vec(prop::collection::vec(0_i64..100, 1..12), 1..9),
    ) {
        let data = of(serde_json::json!({ "input_ids": rows }));
        let collator = DataCollatorWithFlattening::new().return_flash_attn_kwargs(true).return_seq_idx(true);
        let batch = collator.batch(&data.all_rows()).unwrap();
        let line = |name: &str| Vec::<i64>::try_from(batch.require(name).unwrap().get(0)).unwrap();
        let (ids, labels, positions) = (line("input_ids"), line("labels"), line("position_ids"));
        let ends = Vec::<i32>::try_from(batch.require("cu_seq_lens_q").unwrap()).unwrap();
        prop_assert_eq!(ends.len(), rows.len() + 1);
        for (k, row) in rows.iter().enumerate() {
            let part = ends[k] as usize..ends[k + 1] as usize;
            prop_assert_eq!(&ids[part.clone()], row.as_slice());
            prop_assert_eq!(labels[part.start], -100);
            prop_assert_eq!(&labels[part.start + 1..part.end], &row[1..]);
            prop_assert!(positions[part.clone()].iter().copied().eq(0..row.len() as i64));
        }
        let longest = rows.iter().map(Vec::len).max().unwrap() as i64;
        prop_assert_eq!(batch.require("max_length_k").unwrap().int64_value(&[]), longest);
    }
}

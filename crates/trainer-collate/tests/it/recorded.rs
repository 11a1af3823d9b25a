//! Batches equal those that `parity/collator_values.py` recorded from transformers.

use serde_json::Value as Json;
use trainer_collate::{DataCollatorWithPadding, DefaultDataCollator, Padding};

use crate::support::{compare, dataset, recorded, tokenizer};

fn collator(recorded: &Json, options: &Json) -> DataCollatorWithPadding {
    let length = |name: &str| {
        options[name]
            .as_u64()
            .map(|length| usize::try_from(length).unwrap())
    };
    let mut collator = DataCollatorWithPadding::new(&tokenizer(recorded, options));
    collator = match &options["padding"] {
        Json::Bool(false) => collator.padding(Padding::DoNotPad),
        Json::String(_) => collator.padding(Padding::MaxLength),
        _ => collator,
    };
    if let Some(max_length) = length("max_length") {
        collator = collator.max_length(max_length);
    }
    match length("pad_to_multiple_of") {
        Some(multiple) => collator.pad_to_multiple_of(multiple),
        None => collator,
    }
}

#[test]
fn padding_collator() {
    let recorded = recorded();
    for case in recorded["padded"].as_array().unwrap() {
        let data = dataset(case["columns"].as_object().unwrap());
        let numbers: Vec<usize> = (0..data.num_rows()).collect();
        compare(
            case,
            collator(&recorded, &case["options"]).batch(&data.rows(&numbers).unwrap()),
        );
    }
}

#[test]
fn default_collator() {
    for case in recorded()["default"].as_array().unwrap() {
        let data = dataset(case["columns"].as_object().unwrap());
        let numbers: Vec<usize> = (0..data.num_rows()).collect();
        compare(
            case,
            DefaultDataCollator.batch(&data.rows(&numbers).unwrap()),
        );
    }
}

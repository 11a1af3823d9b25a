//! Masked batches equal those that `parity/collator_values.py` recorded from transformers, with the same seed, and the laws of masking.

use proptest::prelude::*;
use serde_json::Value as Json;
use tch::Tensor;
use trainer_collate::{Batch, DataCollatorForLanguageModeling};
use trainer_data::{Collate, Column, Columns, DataLoader, Dataset};
use trainer_torch::rng;

use crate::support::{alone, compare, dataset, recorded, tokenizer};

fn collator(recorded: &Json, options: &Json) -> DataCollatorForLanguageModeling {
    let mut collator = DataCollatorForLanguageModeling::new(&tokenizer(recorded, options));
    for (name, value) in options.as_object().into_iter().flatten() {
        let share = || value.as_f64().unwrap();
        collator = match name.as_str() {
            "mlm" => collator.mlm(value.as_bool().unwrap()),
            "whole_word_mask" => collator.whole_word_mask(value.as_bool().unwrap()),
            "mlm_probability" => collator.mlm_probability(share()),
            "mask_replace_prob" => collator.mask_replace_prob(share()),
            "random_replace_prob" => collator.random_replace_prob(share()),
            "pad_to_multiple_of" => collator.pad_to_multiple_of(value.as_u64().unwrap() as usize),
            "seed" => collator.seed(value.as_u64().unwrap()),
            _ => collator,
        };
    }
    collator
}

#[test]
fn the_same_tokens_are_masked_as_in_python() {
    let recorded = recorded();
    let _alone = alone();
    for case in recorded["masked"].as_array().unwrap() {
        let data = dataset(case["columns"].as_object().unwrap());
        let collator = collator(&recorded, &case["options"]);
        rng::manual_seed(5).unwrap();
        compare(case, collator.batch(&data.all_rows()));
        if let Some(second) = case["second"].as_object() {
            let mut second = second.clone();
            second.insert("name".to_owned(), case["name"].clone());
            compare(&second.into(), collator.batch(&data.all_rows()));
        }
    }
}

#[test]
fn a_generator_of_its_own_leaves_libtorchs_alone() {
    let recorded = recorded();
    let data = ids((0..40).map(|row| vec![1, 4 + row % 2, 5, 4, 2]).collect());
    let _alone = alone();
    rng::manual_seed(3).unwrap();
    let before = rng::get_state().unwrap();
    let seeded = collator(&recorded, &serde_json::json!({ "seed": 11 }));
    let first = seeded.batch(&data.all_rows()).unwrap();
    assert_eq!(rng::get_state().unwrap(), before);
    rng::manual_seed(11).unwrap();
    let default = collator(&recorded, &Json::Null);
    same(&first, &default.batch(&data.all_rows()).unwrap());
}

#[test]
fn batches_do_not_depend_on_workers_and_a_state_takes_them_up_again() {
    let recorded = recorded();
    let data = ids((0..40).map(|row| vec![1, 4, 5, 4 + row % 2, 2]).collect());
    let loader = |workers| {
        let collator = collator(
            &recorded,
            &serde_json::json!({ "seed": 1, "mlm_probability": 0.5 }),
        );
        let loader = DataLoader::builder(&data, collator).batch_size(3);
        loader.num_workers(workers).build().unwrap()
    };
    let _alone = alone();
    let batches = |loader: &DataLoader<Batch>, skip| -> Vec<Batch> {
        loader.iter_from(0, skip).map(Result::unwrap).collect()
    };
    let expected = batches(&loader(0), 0);
    let threaded = batches(&loader(3), 0);
    assert_eq!(expected.len(), threaded.len());
    for (one, other) in expected.iter().zip(&threaded) {
        same(one, other);
    }
    let interrupted = loader(2);
    let _ = interrupted.iter(0).take(5).collect::<Vec<_>>();
    let random = interrupted.collator().random().unwrap();
    let state = random.generator_state().unwrap().unwrap();
    let resumed = loader(0);
    resumed
        .collator()
        .random()
        .unwrap()
        .set_generator_state(&state)
        .unwrap();
    for (one, other) in expected[5..].iter().zip(&batches(&resumed, 5)) {
        same(one, other);
    }
}

fn ids(rows: Vec<Vec<i64>>) -> Dataset {
    Dataset::from_columns(Columns::new().with("input_ids", Column::int_lists(rows))).unwrap()
}

fn same(one: &Batch, other: &Batch) {
    for name in ["input_ids", "labels"] {
        assert_eq!(one.require(name).unwrap(), other.require(name).unwrap());
    }
}

fn flat(batch: &Batch, name: &str) -> Vec<i64> {
    Vec::try_from(&batch.require(name).unwrap().view([-1])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Labels are the ids that were there; what is not chosen stays; nothing special is chosen; data are never changed.
    #[test]
    fn labels_are_the_tokens_that_were_chosen(
        rows in prop::collection::vec(prop::collection::vec(0_i64..7, 1..12), 1..6),
        share in 0.0..=1.0,
        seed in 0_u64..1000,
    ) {
        let recorded = recorded();
        let data = ids(rows.clone());
        let options = serde_json::json!({ "seed": seed, "mlm_probability": share });
        let _alone = alone();
        let batch = collator(&recorded, &options).batch(&data.all_rows()).unwrap();
        let width = rows.iter().map(Vec::len).max().unwrap();
        let pad = 6;
        let whole: Vec<i64> = rows
            .iter()
            .flat_map(|row| row.iter().copied().chain(std::iter::repeat(pad)).take(width))
            .collect();
        let (inputs, labels) = (flat(&batch, "input_ids"), flat(&batch, "labels"));
        for ((before, after), label) in whole.iter().zip(inputs).zip(labels) {
            match label {
                -100 => prop_assert_eq!(after, *before),
                label => {
                    prop_assert_eq!(label, *before);
                    // Special are all but the letters.
                    prop_assert!([4, 5].contains(before));
                }
            }
        }
        let again = Collate::collate(&collator(&recorded, &options), &data.all_rows()).unwrap();
        prop_assert_eq!(flat(&again, "input_ids"), whole);
    }

    /// Of a word all tokens are chosen, or none.
    #[test]
    fn words_are_masked_whole(
        lengths in prop::collection::vec(1_usize..4, 1..10),
        seed in 0_u64..1000,
    ) {
        let mut spans = Vec::new();
        let mut words = Vec::new();
        let mut at = 0;
        for (word, &length) in lengths.iter().enumerate() {
            for _ in 0..length {
                spans.push(vec![at, at + 1]);
                words.push(word);
                at += 1;
            }
            at += 1;
        }
        let count = words.len();
        let columns = serde_json::json!({
            "input_ids": [vec![4; count], vec![4; 1]],
            "offset_mapping": [spans, [[0, 1]]],
            "special_tokens_mask": [vec![0; count], vec![0; 1]],
        });
        let recorded = recorded();
        let data = dataset(columns.as_object().unwrap());
        let options = serde_json::json!({ "whole_word_mask": true, "mlm_probability": 0.5, "seed": seed });
        let _alone = alone();
        let batch = collator(&recorded, &options).batch(&data.all_rows()).unwrap();
        let labels: Tensor = batch.require("labels").unwrap().get(0);
        let labels = Vec::<i64>::try_from(&labels).unwrap();
        for (token, word) in words.iter().enumerate() {
            let first = words.iter().position(|other| other == word).unwrap();
            prop_assert_eq!(labels[token] == -100, labels[first] == -100);
        }
        prop_assert!(batch.get("offset_mapping").is_none());
    }
}

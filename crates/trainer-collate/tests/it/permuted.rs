//! Batches for permutation language modelling equal those that `parity/collator_values.py` recorded from transformers, with the same seed.

use serde_json::Value as Json;
use tch::{Kind, Tensor};
use trainer_collate::{Batch, DataCollatorForPermutationLanguageModeling};
use trainer_data::{Collate, Column, Columns, DataLoader, Dataset};
use trainer_torch::rng;

use crate::support::{alone, compare, dataset, recorded, tokenizer};

fn collator(recorded: &Json, options: &Json) -> DataCollatorForPermutationLanguageModeling {
    let collator = DataCollatorForPermutationLanguageModeling::new(&tokenizer(recorded, options));
    let collator = match options["plm_probability"].as_f64() {
        Some(share) => collator.plm_probability(share),
        None => collator,
    };
    match options["max_span_length"].as_u64() {
        Some(length) => collator.max_span_length(length as usize),
        None => collator,
    }
}

#[test]
fn the_same_spans_and_orders_are_drawn_as_in_python() {
    let recorded = recorded();
    let _alone = alone();
    for case in recorded["permuted"].as_array().unwrap() {
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

fn ids(rows: Vec<Vec<i64>>) -> Dataset {
    Dataset::from_columns(Columns::new().with("input_ids", Column::int_lists(rows))).unwrap()
}

fn flat<T>(batch: &Batch, name: &str, kind: Kind) -> Vec<T>
where
    Vec<T>: TryFrom<Tensor, Error = tch::TchError>,
{
    let tensor = batch.require(name).unwrap().to_kind(kind).view([-1]);
    Vec::try_from(tensor).unwrap()
}

/// A loader draws in the order of batches: with workers, and from where libtorch's generator stood after the batches that a run had.
#[test]
fn batches_do_not_depend_on_workers_and_are_drawn_again_after_a_resume() {
    let recorded = recorded();
    let data = ids((0..30)
        .map(|row| vec![1, 4, 5, 4 + row % 2, 5, 2])
        .collect());
    let collator = collator(&recorded, &Json::Null).plm_probability(0.5);
    let loader = |workers| {
        let loader = DataLoader::builder(&data, collator.clone()).batch_size(4);
        loader.num_workers(workers).build().unwrap()
    };
    let masks = |batch: &Batch| {
        (
            flat::<i64>(batch, "labels", Kind::Int64),
            flat::<f32>(batch, "perm_mask", Kind::Float),
        )
    };
    let _alone = alone();
    rng::manual_seed(9).unwrap();
    let mut state = Vec::new();
    let mut expected = Vec::new();
    for (k, batch) in loader(0).iter(0).enumerate() {
        expected.push(masks(&batch.unwrap()));
        if k == 2 {
            state = rng::get_state().unwrap();
        }
    }
    rng::manual_seed(9).unwrap();
    let threaded: Vec<_> = loader(3).iter(0).map(|b| masks(&b.unwrap())).collect();
    assert_eq!(expected, threaded);
    rng::set_state(&state).unwrap();
    let resumed: Vec<_> = loader(2)
        .iter_from(0, 3)
        .map(|b| masks(&b.unwrap()))
        .collect();
    assert_eq!(expected[3..], resumed);
}

#[test]
fn special_tokens_are_not_hidden_and_data_are_not_changed() {
    let recorded = recorded();
    let rows = vec![vec![1, 4, 5, 2], vec![1, 5, 4, 5, 4, 2]];
    let data = ids(rows.clone());
    let collator = collator(&recorded, &Json::Null)
        .plm_probability(1.0)
        .max_span_length(1);
    let _alone = alone();
    let batch = collator.batch(&data.all_rows()).unwrap();
    // 3 hides, 6 pads: with a share of 1 every ordinary token is hidden.
    let hidden: Vec<i64> = flat(&batch, "input_ids", Kind::Int64);
    assert_eq!(hidden, [1, 3, 3, 2, 6, 6, 1, 3, 3, 3, 3, 2]);
    let labels: Vec<i64> = flat(&batch, "labels", Kind::Int64);
    assert_eq!(
        labels,
        [-100, 4, 5, -100, -100, -100, -100, 5, 4, 5, 4, -100]
    );
    let again = Collate::collate(&collator, &data.all_rows()).unwrap();
    let before: Vec<i64> = flat(&again, "input_ids", Kind::Int64);
    assert_eq!(before, [1, 4, 5, 2, 6, 6, 1, 5, 4, 5, 4, 2]);
}

#[test]
fn rows_of_an_odd_length_are_named() {
    let recorded = recorded();
    let collator = collator(&recorded, &Json::Null);
    let message = |rows| {
        let data = ids(rows);
        collator.batch(&data.all_rows()).unwrap_err().to_string()
    };
    let text = message(vec![vec![1, 2], vec![1, 4, 2]]);
    assert!(
        text.contains("\"input_ids\", row 1") && text.contains("3 ids"),
        "{text}"
    );
    let text = message(vec![vec![], vec![]]);
    assert!(
        text.contains("row 0") && text.contains("at least 2"),
        "{text}"
    );
    let share = collator.clone().plm_probability(f64::NAN);
    let text = share.batch(&ids(vec![vec![1, 2]]).all_rows()).unwrap_err();
    assert!(
        text.to_string().contains("plm_probability is NaN"),
        "{text}"
    );
    // So rare that one span stands somewhere in more tokens than there are.
    let rare = collator.plm_probability(f64::MIN_POSITIVE);
    let _alone = alone();
    assert!(rare.batch(&ids(vec![vec![4, 4]]).all_rows()).is_ok());
}

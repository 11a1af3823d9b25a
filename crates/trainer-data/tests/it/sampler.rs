//! Orders equal to those of torch, and of transformers, recorded by `parity/randperm.py` and `parity/length_grouped.py`.

use serde_json::Value;
use sha2::{Digest, Sha256};
use trainer_data::{
    BatchRebalanceSampler, Column, Columns, DataLoader, Dataset, LengthGroupedSampler,
    RandomSampler, Rows, Sampler, SequentialSampler, collate_fn,
};

fn recorded() -> Vec<Value> {
    let recorded: Value = serde_json::from_str(include_str!("../data/randperm.json")).unwrap();
    recorded["cases"].as_array().unwrap().clone()
}

fn numbers(values: &Value) -> Vec<usize> {
    serde_json::from_value(values.clone()).unwrap()
}

#[test]
fn random_orders_are_those_of_torch() {
    for case in recorded() {
        let n = case["n"].as_u64().unwrap() as usize;
        let order = RandomSampler::new(n, case["seed"].as_u64().unwrap()).order(0);
        assert_eq!(
            order[..n.min(20)],
            numbers(&case["first"]),
            "first of {case}"
        );
        assert_eq!(
            order[n.saturating_sub(20)..],
            numbers(&case["last"]),
            "last of {case}"
        );
        let text: String = order.iter().map(|row| format!("{row}\n")).collect();
        let hash: String = Sha256::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hash, case["sha256"], "n {n}");
    }
}

#[test]
#[ignore = "takes 2 GB and a minute"]
fn the_widest_orders_are_those_of_torch() {
    let recorded: Value = serde_json::from_str(include_str!("../data/randperm.json")).unwrap();
    let case = &recorded["wide"];
    let n = case["n"].as_u64().unwrap() as usize;
    let order = RandomSampler::new(n, case["seed"].as_u64().unwrap()).order(0);
    assert_eq!(order[..20], numbers(&case["first"]));
    assert_eq!(order[n - 20..], numbers(&case["last"]));
}

#[test]
fn an_epoch_adds_to_the_seed() {
    let sampler = RandomSampler::new(50, 42);
    for epoch in 0..4 {
        assert_eq!(
            sampler.order(epoch),
            RandomSampler::new(50, 42 + epoch).order(0)
        );
    }
    assert_eq!(
        RandomSampler::new(9, u64::MAX).order(1),
        RandomSampler::new(9, 0).order(0)
    );
    assert_eq!(SequentialSampler::new(3).order(7), [0, 1, 2]);
}

/// The lengths of `parity/length_grouped.py`.
fn lengths(case: &Value) -> Vec<usize> {
    let number = |key: &str| case[key].as_u64().unwrap() as usize;
    let (count, modulus) = (number("count"), number("modulus"));
    (0..count).map(|row| row * row * 7 % modulus + 1).collect()
}

#[test]
fn rows_of_similar_length_are_in_the_order_of_transformers() {
    let recorded: Value =
        serde_json::from_str(include_str!("../data/length_grouped.json")).unwrap();
    for case in recorded["cases"].as_array().unwrap() {
        let batch = case["batch"].as_u64().unwrap() as usize;
        let seed = case["seed"].as_u64().unwrap();
        let sampler = LengthGroupedSampler::new(lengths(case), batch, seed).unwrap();
        assert_eq!(sampler.order(0), numbers(&case["order"]), "{case}");
        let next = LengthGroupedSampler::new(lengths(case), batch, seed + 1).unwrap();
        assert_eq!(sampler.order(1), next.order(0), "an epoch adds to the seed");
    }
    let none = LengthGroupedSampler::new([], 2, 1).unwrap();
    assert_eq!(none.order(0), [0; 0]);
    assert_eq!(none.group(&[3, 1]), [3, 1]);
    let refused = LengthGroupedSampler::new([1], 0, 1).unwrap_err();
    assert_eq!(refused.to_string(), "batch_size: must be at least 1");
}

#[test]
fn batches_of_similar_cost_are_those_of_transformers() {
    let recorded: Value =
        serde_json::from_str(include_str!("../data/batch_rebalance.json")).unwrap();
    for case in recorded["cases"].as_array().unwrap() {
        let number = |key: &str| case[key].as_u64().unwrap() as usize;
        let (rows, batches) = (number("rows_of_step"), number("batches_of_step"));
        let drop_last = case["drop_last"].as_bool().unwrap();
        let sampler = BatchRebalanceSampler::new(lengths(case), rows, batches)
            .unwrap()
            .seed(case["seed"].as_u64().unwrap())
            .drop_last(drop_last);
        let data = Column::ints(0..number("count") as i64);
        let data = Dataset::from_columns(Columns::new().with("x", data)).unwrap();
        let numbers_of = collate_fn(|rows: &Rows<'_>| {
            Ok((0..rows.len())
                .filter_map(|k| rows.number(k))
                .collect::<Vec<usize>>())
        });
        let loader = DataLoader::builder(&data, numbers_of)
            .sampler(sampler.clone())
            .num_workers(batches % 3)
            .build()
            .unwrap();
        for (epoch, expected) in case["epochs"].as_array().unwrap().iter().enumerate() {
            let expected: Vec<Vec<usize>> =
                expected.as_array().unwrap().iter().map(numbers).collect();
            assert_eq!(sampler.batches(epoch as u64).unwrap(), expected, "{case}");
            assert_eq!(sampler.order(epoch as u64), expected.concat());
            assert_eq!(loader.len(), expected.len());
            let from = expected.len() / 2;
            let read: Result<Vec<Vec<usize>>, _> = loader.iter(epoch as u64).collect();
            assert_eq!(read.unwrap(), expected);
            let read: Result<Vec<Vec<usize>>, _> = loader.iter_from(epoch as u64, from).collect();
            assert_eq!(read.unwrap(), expected[from..]);
        }
    }
    let refused = |rows, batches| {
        let sampler = BatchRebalanceSampler::new([1], rows, batches);
        sampler.unwrap_err().to_string()
    };
    assert_eq!(refused(4, 0), "batches_of_step: must be at least 1");
    assert!(refused(3, 4).starts_with("rows_of_step: "));
}

#[test]
fn a_sampler_that_makes_other_batches_than_it_says_is_refused() {
    struct Wrong;
    impl Sampler for Wrong {
        fn num_samples(&self) -> usize {
            3
        }
        fn order(&self, _epoch: u64) -> Vec<usize> {
            vec![0, 1, 2]
        }
        fn batches(&self, _epoch: u64) -> Option<Vec<Vec<usize>>> {
            Some(vec![vec![0, 1], vec![2]])
        }
        fn num_batches(&self) -> Option<usize> {
            Some(3)
        }
    }
    let data = Dataset::from_columns(Columns::new().with("x", Column::ints(0..3))).unwrap();
    let loader = DataLoader::builder(&data, collate_fn(|_: &Rows<'_>| Ok(())))
        .sampler(std::sync::Arc::new(Wrong))
        .build()
        .unwrap();
    let mut batches = loader.iter(4);
    assert_eq!(
        batches.next().unwrap().unwrap_err().to_string(),
        "sampler: epoch 4 has 2 batches, not the 3 of num_batches"
    );
    assert!(batches.next().is_none());
}

#[test]
fn lengths_are_those_of_lists_or_numbers() {
    let data = Dataset::from_columns(
        Columns::new()
            .with("ids", Column::int_lists([vec![1, 2, 3], vec![], vec![1]]))
            .with("size", Column::ints([3, 0, 1]))
            .with("text", Column::strings(["abc", "", "a"]))
            .with("wrong", Column::ints([1, -2, 1])),
    )
    .unwrap();
    let of = |name: &str| LengthGroupedSampler::of_column(&data, name, 2, 1);
    assert_eq!(
        of("ids").unwrap(),
        LengthGroupedSampler::new([3, 0, 1], 2, 1).unwrap()
    );
    assert_eq!(of("ids").unwrap(), of("size").unwrap());
    for (name, expected) in [
        (
            "text",
            "column \"text\", row 0: expected a whole number, found string \"abc\"",
        ),
        (
            "wrong",
            "column \"wrong\", row 1: expected a length, found -2",
        ),
        (
            "absent",
            "there is no column \"absent\"; the columns are ids, size, text, wrong",
        ),
    ] {
        assert_eq!(of(name).unwrap_err().to_string(), expected);
    }
}

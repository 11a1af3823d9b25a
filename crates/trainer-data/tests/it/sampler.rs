//! Orders equal to those of torch, recorded by `parity/randperm.py`.

use serde_json::Value;
use sha2::{Digest, Sha256};
use trainer_data::{RandomSampler, Sampler, SequentialSampler};

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

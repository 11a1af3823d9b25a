//! Learning rates against those of Python (`parity/schedules.py`), and against the tables of the reference.

use serde_json::{Map, Value as Json, json};
use trainer_core::SchedulerType;
use trainer_core::optimizer::ParamGroup;
use trainer_core::schedule::{LrScheduler, Schedule};
use trainer_torch::pickle::{Dict, Value};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/schedules.json")).unwrap()
}

fn groups(lr: f64) -> Vec<ParamGroup> {
    vec![ParamGroup::new([], lr, 0.01), ParamGroup::new([], lr, 0.0)]
}

fn scheduler(case: &Json, groups: &mut [ParamGroup]) -> LrScheduler {
    let kind: SchedulerType = serde_json::from_value(case["kind"].clone()).unwrap();
    let steps = |name: &str| case[name].as_u64().unwrap_or(0);
    LrScheduler::new(
        kind,
        case["kwargs"].as_object().unwrap(),
        steps("warmup"),
        steps("total"),
        groups,
    )
    .unwrap()
}

/// The same number but for the last digits, which another C library may round differently: a few roundings of a number of the
/// size `of`, the rate that cosines and powers are multiplied with. Where a cosine is nearly -1 what is left is such a rounding.
fn assert_close(found: f64, expected: f64, of: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 8.0 * f64::EPSILON * of.max(expected.abs()),
        "{what}: {found} instead of {expected}"
    );
}

/// Whether a state has Python's keys in Python's order, and its numbers.
fn assert_state(found: &Value, expected: &Json, lr: f64) {
    let found = found.as_dict().unwrap();
    let expected = expected.as_object().unwrap();
    let keys: Vec<_> = found.iter().filter_map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, expected.keys().collect::<Vec<_>>());
    for (key, expected) in expected {
        match (found.get(key).unwrap(), expected) {
            (Value::Dict(found), _) => assert_state(
                &found
                    .iter()
                    .map(|(k, v)| (k.shallow_clone(), v.shallow_clone()))
                    .collect::<Dict>()
                    .into(),
                expected,
                lr,
            ),
            (Value::List(found), Json::Array(expected)) => {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    match found.as_f64() {
                        Some(found) => assert_close(found, expected.as_f64().unwrap(), lr, key),
                        None => {
                            assert_eq!(matches!(found, Value::None), expected.is_null(), "{key}")
                        }
                    }
                }
            }
            (Value::Bool(found), expected) => assert_eq!(Some(*found), expected.as_bool(), "{key}"),
            (Value::Str(found), expected) => {
                assert_eq!(Some(found.as_str()), expected.as_str(), "{key}")
            }
            (Value::None, expected) => assert!(expected.is_null(), "{key}"),
            (found, Json::String(infinity)) => {
                assert_eq!(found.as_f64().unwrap().to_string(), *infinity)
            }
            (found, expected) => {
                let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
                assert_close(found, expected, lr, key)
            }
        }
    }
}

#[test]
fn rates_and_states_are_pythons() {
    let recorded = recorded();
    let cases = recorded["steps"].as_array().unwrap();
    assert!(cases.len() > 40);
    let mut equal = 0;
    let mut compared = 0;
    for case in cases {
        let lr = case["lr"].as_f64().unwrap();
        let mut groups = groups(lr);
        let mut scheduler = scheduler(case, &mut groups);
        for (step, rate) in case["rates"].as_array().unwrap().iter().enumerate() {
            if step > 0 {
                scheduler.step(&mut groups).unwrap();
            }
            let expected = rate.as_f64().unwrap();
            assert_close(
                groups[1].lr,
                expected,
                lr,
                &format!("{} {} step {step}", case["kind"], case["kwargs"]),
            );
            assert_eq!(scheduler.get_last_lr(), [groups[0].lr, groups[1].lr]);
            equal += usize::from(groups[1].lr.to_bits() == expected.to_bits());
            compared += 1;
        }
        assert_state(&scheduler.state_dict(), &case["state"], lr);
    }
    println!("{equal} of {compared} rates are equal to the bit");
}

#[test]
fn metrics_move_rates_as_in_python() {
    for case in recorded()["metrics"].as_array().unwrap() {
        let lr = case["lr"].as_f64().unwrap();
        let mut groups = groups(lr);
        let mut scheduler = scheduler(case, &mut groups);
        assert!(scheduler.follows_metric());
        scheduler.step(&mut groups).unwrap();
        for (number, (value, rates)) in case["values"]
            .as_array()
            .unwrap()
            .iter()
            .zip(case["rates"].as_array().unwrap())
            .enumerate()
        {
            scheduler
                .step_metric(&mut groups, value.as_f64().unwrap())
                .unwrap();
            for (group, rate) in groups.iter().zip(rates.as_array().unwrap()) {
                assert_close(
                    group.lr,
                    rate.as_f64().unwrap(),
                    lr,
                    &format!("{} {number}", case["kind"]),
                );
            }
        }
        assert_state(&scheduler.state_dict(), &case["state"], lr);
    }
}

#[test]
fn a_resumed_schedule_goes_on_as_if_never_stopped() {
    let recorded = recorded();
    for case in recorded["steps"]
        .as_array()
        .unwrap()
        .iter()
        .chain(recorded["metrics"].as_array().unwrap())
    {
        let lr = case["lr"].as_f64().unwrap();
        let advance = |scheduler: &mut LrScheduler, groups: &mut [ParamGroup], step: u32| {
            scheduler.step(groups).unwrap();
            scheduler.step_metric(groups, f64::from(step % 5)).unwrap();
        };
        let mut through = groups(lr);
        let mut uninterrupted = scheduler(case, &mut through);
        (0..4).for_each(|step| advance(&mut uninterrupted, &mut through, step));
        let state = uninterrupted.state_dict();

        let mut resumed = groups(lr);
        let mut other = scheduler(case, &mut resumed);
        other.load_state_dict(&state, &mut resumed).unwrap();
        assert_eq!(other.get_last_lr(), uninterrupted.get_last_lr());
        for step in 4..40 {
            advance(&mut uninterrupted, &mut through, step);
            advance(&mut other, &mut resumed, step);
            assert_eq!(
                through.iter().map(|g| g.lr).collect::<Vec<_>>(),
                resumed.iter().map(|g| g.lr).collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn the_reference_tables() {
    // Base rate 10, 2 steps of warm-up, 10 steps: the rate of each step, then the one after the last.
    let tables: [(&str, Json, [f64; 11]); 12] = [
        (
            "linear",
            json!({}),
            [0.0, 5.0, 10.0, 8.75, 7.5, 6.25, 5.0, 3.75, 2.5, 1.25, 0.0],
        ),
        (
            "cosine",
            json!({}),
            [
                0.0, 5.0, 10.0, 9.619398, 8.535534, 6.913417, 5.0, 3.086583, 1.464466, 0.380602,
                0.0,
            ],
        ),
        (
            "cosine_with_restarts",
            json!({"num_cycles": 2}),
            [
                0.0, 5.0, 10.0, 8.535534, 5.0, 1.464466, 10.0, 8.535534, 5.0, 1.464466, 0.0,
            ],
        ),
        (
            "polynomial",
            json!({"power": 2.0, "lr_end": 1e-07}),
            [
                0.0, 5.0, 10.0, 7.65625, 5.625, 3.90625, 2.5, 1.40625, 0.625, 0.15625, 0.0,
            ],
        ),
        ("constant", json!({}), [10.0; 11]),
        (
            "constant_with_warmup",
            json!({}),
            [
                0.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0,
            ],
        ),
        (
            "inverse_sqrt",
            json!({}),
            [
                0.0, 5.0, 10.0, 8.164966, 7.071068, 6.324555, 5.773503, 5.345225, 5.0, 4.714045,
                4.472136,
            ],
        ),
        (
            "cosine_with_min_lr",
            json!({"min_lr": 1.0}),
            [
                0.0, 5.0, 10.0, 9.657458, 8.681981, 7.222075, 5.5, 3.777925, 2.318019, 1.342542,
                1.0,
            ],
        ),
        (
            "cosine_warmup_with_min_lr",
            json!({"min_lr": 1.0}),
            [
                5.0, 10.0, 9.657458, 8.681981, 7.222075, 5.5, 3.777925, 2.318019, 1.342542, 1.0,
                1.342542,
            ],
        ),
        (
            "cosine_warmup_with_min_lr",
            json!({"min_lr_rate": 0.1, "warmup_lr_rate": 0.2}),
            [
                2.0, 10.0, 9.657458, 8.681981, 7.222075, 5.5, 3.777925, 2.318019, 1.342542, 1.0,
                1.342542,
            ],
        ),
        (
            "warmup_stable_decay",
            json!({"num_decay_steps": 3, "min_lr_ratio": 0.1}),
            [
                1.0, 5.5, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 7.75, 3.25, 1.0,
            ],
        ),
        (
            "warmup_stable_decay",
            json!({"num_decay_steps": 3, "decay_type": "1-sqrt"}),
            [
                0.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 4.226497, 1.835034, 0.0,
            ],
        ),
    ];
    for (kind, kwargs, rates) in tables {
        let mut groups = groups(10.0);
        let case = json!({"kind": kind, "kwargs": kwargs, "warmup": 2, "total": 10});
        let mut scheduler = scheduler(&case, &mut groups);
        for (step, rate) in rates.into_iter().enumerate() {
            assert!(
                (groups[0].lr - rate).abs() < 1e-6,
                "{kind} {kwargs} step {step}: {} {rate}",
                groups[0].lr
            );
            scheduler.step(&mut groups).unwrap();
        }
    }
}

fn refusal(kind: SchedulerType, kwargs: Json) -> String {
    let kwargs: &Map<String, Json> = kwargs.as_object().unwrap();
    LrScheduler::new(kind, kwargs, 0, 10, &mut groups(0.1))
        .unwrap_err()
        .to_string()
}

#[test]
fn wrong_arguments_are_refused_by_name() {
    for (kind, kwargs, word) in [
        (SchedulerType::Linear, json!({"num_cycle": 1}), "num_cycle"),
        (SchedulerType::Cosine, json!({"min_lr": 1}), "min_lr"),
        (SchedulerType::Polynomial, json!({"lr_end": 0.2}), "lr_end"),
        (SchedulerType::Polynomial, json!({"power": "two"}), "two"),
        (SchedulerType::CosineWithMinLr, json!({}), "min_lr_rate"),
        (
            SchedulerType::CosineWithMinLr,
            json!({"min_lr": 1e-3, "min_lr_rate": 0.1}),
            "only one",
        ),
        (
            SchedulerType::WarmupStableDecay,
            json!({}),
            "num_decay_steps",
        ),
        (
            SchedulerType::WarmupStableDecay,
            json!({"num_decay_steps": 2, "decay_type": "sqrt"}),
            "1-sqrt",
        ),
        (
            SchedulerType::InverseSqrt,
            json!({"timescale": 0}),
            "timescale",
        ),
        (
            SchedulerType::ReduceLrOnPlateau,
            json!({"factor": 1.0}),
            "factor",
        ),
        (
            SchedulerType::ReduceLrOnPlateau,
            json!({"min_lr": [0.0]}),
            "min_lr has 1 numbers, expected 2",
        ),
        (SchedulerType::Greedy, json!({"mode": "mean"}), "mean"),
    ] {
        let message = refusal(kind, kwargs);
        assert!(
            message.contains(word) && message.contains(kind.as_str()),
            "{message}"
        );
    }
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let mut groups = groups(0.1);
    let mut scheduler =
        LrScheduler::new(SchedulerType::Linear, &Map::new(), 0, 10, &mut groups).unwrap();
    let before = format!("{:?}", scheduler.state_dict());
    for wrong in [
        Value::None,
        Dict::new().with("last_epoch", 3).into(),
        Dict::new()
            .with("last_epoch", 3)
            .with("_last_lr", vec![0.1].into_iter().collect::<Value>())
            .into(),
        Dict::new()
            .with("last_epoch", i64::MAX)
            .with("_last_lr", vec![0.1, 0.1].into_iter().collect::<Value>())
            .into(),
        Dict::new()
            .with("last_epoch", 3)
            .with("_step_count", i64::MIN)
            .with("_last_lr", vec![0.1, 0.1].into_iter().collect::<Value>())
            .into(),
        Dict::new()
            .with("last_epoch", "three")
            .with("_last_lr", vec![0.1, 0.1].into_iter().collect::<Value>())
            .into(),
    ] {
        assert!(scheduler.load_state_dict(&wrong, &mut groups).is_err());
        assert_eq!(format!("{:?}", scheduler.state_dict()), before);
        assert_eq!(groups[0].lr, 0.1);
    }
    assert!(scheduler.step(&mut groups[..1]).is_err());
}

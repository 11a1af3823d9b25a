//! Arguments mean what they mean in Python; `parity/training_arguments.py` recorded it.

use serde_json::{Map, Value, json};
use trainer_core::{
    ArgumentFields, ArgumentsError, IntervalStrategy, OptimizerNames, SaveStrategy, TokenCount,
    TrainingArguments,
};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../data/training_arguments.json")).unwrap()
}

fn arguments(given: &Value) -> TrainingArguments {
    let mut values = given.as_object().unwrap().clone();
    values.insert("output_dir".into(), "out".into());
    TrainingArguments::from_dict(values).unwrap()
}

/// Whether two values are the same where `10` and `10.0` are.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

#[test]
fn fields_and_defaults_are_those_of_python() {
    let recorded = recorded();
    let fields = recorded["fields"].as_array().unwrap();
    let names: Vec<&str> = TrainingArguments::fields()
        .iter()
        .map(|field| field.name)
        // Not Python's: `compute_argument.rs`.
        .filter(|name| *name != "compute")
        .collect();
    let expected: Vec<&str> = fields
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, expected);
    let defaults = TrainingArguments::default();
    for field in fields {
        let name = field["name"].as_str().unwrap();
        let found = defaults.get(name).unwrap();
        let expected = match name {
            "output_dir" => json!("trainer_output"),
            "report_to" => json!(["none"]),
            "debug" => json!([]),
            _ => field["default"].clone(),
        };
        assert!(
            same(&found, &expected),
            "{name}: {found}, in Python {expected}"
        );
    }
}

#[test]
fn what_python_refuses_is_refused_and_nothing_else() {
    for case in recorded()["cases"].as_array().unwrap() {
        let checked = arguments(&case["given"]).validate();
        if case["given"].get("hub_token").is_some() {
            let is_refused = matches!(
                checked,
                Err(ArgumentsError::Unsupported {
                    name: "hub_token",
                    ..
                })
            );
            assert!(is_refused);
            continue;
        }
        match case.get("error") {
            Some(error) => assert!(
                checked.is_err(),
                "{} is fine, in Python {error}",
                case["given"]
            ),
            None => assert!(
                checked.is_ok(),
                "{}: {}",
                case["given"],
                checked.unwrap_err()
            ),
        }
    }
}

#[test]
fn what_follows_from_the_arguments_is_the_same_as_in_python() {
    let recorded = recorded();
    let cases = recorded["cases"].as_array().unwrap();
    let base = cases[0]["values"].as_object().unwrap();
    let mut compared = 0;
    for case in cases {
        let Some(values) = case["values"].as_object() else {
            continue;
        };
        let args = arguments(&case["given"]);
        for (name, found) in args.to_dict() {
            let expected = values.get(&name).unwrap_or(&base[&name]);
            assert!(
                same(&found, expected),
                "{}: {name} is {found}, in Python {expected}",
                case["given"]
            );
        }
        if let Some(text) = case["json"].as_str() {
            assert_eq!(args.to_json_string(), text);
            compared += 1;
        }
        for (length, expected) in std::iter::zip(
            recorded["lengths"].as_array().unwrap(),
            case["warmup"].as_array().unwrap(),
        ) {
            let steps = args.get_warmup_steps(length.as_u64().unwrap());
            assert_eq!(
                Some(steps),
                expected.as_u64(),
                "{} of {length}",
                case["given"]
            );
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn what_is_written_is_read_back() {
    for case in recorded()["cases"].as_array().unwrap() {
        let Some(text) = case["json"].as_str() else {
            continue;
        };
        let mut args = TrainingArguments::from_json_str(text).unwrap();
        assert_eq!(args.to_json_string(), text);
        assert!(args.validate().is_ok() || args.label_names.is_some());
        let through_serde: TrainingArguments =
            serde_json::from_str(&serde_json::to_string(&args).unwrap()).unwrap();
        assert_eq!(through_serde, args);
        args.hub_token = Some("secret".into());
        for text in [args.to_json_string(), serde_json::to_string(&args).unwrap()] {
            assert!(text.contains("<HUB_TOKEN>") && !text.contains("secret"));
        }
    }
}

#[test]
fn the_sanitized_dictionary_has_plain_values_only() {
    let args = arguments(&json!({"lr_scheduler_kwargs": {"lr_end": 1e-7}}));
    let plain = args.to_sanitized_dict();
    assert!(
        plain
            .values()
            .all(|value| value.is_boolean() || value.is_number() || value.is_string())
    );
    assert_eq!(plain["lr_scheduler_kwargs"], r#"{"lr_end": 1e-07}"#);
    assert_eq!(plain["run_name"], "None");
    assert_eq!(plain["train_batch_size"], 8);
}

#[test]
fn unknown_names_and_wrong_kinds_are_refused_by_name() {
    for (text, message) in [
        (
            r#"{"learning_rat": 1}"#,
            "there is no argument `learning_rat`; did you mean `learning_rate`?",
        ),
        (
            r#"{"warmup_ratio": 0.1}"#,
            "there is no argument `warmup_ratio`",
        ),
        (r#"{"zzz": 0.1}"#, "there is no argument `zzz`"),
        (
            r#"{"seed": -1}"#,
            "`seed` must be a whole number, zero or greater, found -1",
        ),
        (
            r#"{"seed": 1.5}"#,
            "`seed` must be a whole number, zero or greater, found 1.5",
        ),
        (
            r#"{"eval_strategy": "always"}"#,
            "`eval_strategy` must be one of no, steps, epoch, found \"always\"",
        ),
        (
            r#"{"do_train": "yes"}"#,
            "`do_train` must be true or false, found \"yes\"",
        ),
        (
            r#"{"learning_rate": null}"#,
            "`learning_rate` must be a number, found null",
        ),
        (
            r#"{"lr_scheduler_kwargs": "x"}"#,
            "`lr_scheduler_kwargs` must be a JSON object, found \"x\"",
        ),
        (
            r#"{"label_names": [1]}"#,
            "`label_names` must be a list of texts, found [1]",
        ),
    ] {
        assert_eq!(
            TrainingArguments::from_json_str(text)
                .unwrap_err()
                .to_string(),
            message
        );
        let error = serde_json::from_str::<TrainingArguments>(text).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    assert!(matches!(
        TrainingArguments::from_json_str("[1"),
        Err(ArgumentsError::Json(_))
    ));
}

#[test]
fn numbers_outside_their_range_are_refused_by_name() {
    let out_of_range: &[(&str, &[f64])] = &[
        ("num_train_epochs", &[-1.0]),
        ("learning_rate", &[-1e-9]),
        ("warmup_steps", &[-0.5]),
        ("weight_decay", &[-0.1]),
        ("adam_epsilon", &[-1.0]),
        ("max_grad_norm", &[-1.0]),
        ("adam_beta1", &[1.0, -0.1]),
        ("adam_beta2", &[1.5]),
        ("label_smoothing_factor", &[1.1, -0.1]),
        ("logging_steps", &[0.0, -5.0, 2.5]),
        ("save_steps", &[0.0, -5.0, 2.5]),
        ("eval_delay", &[-1.0]),
        ("per_device_train_batch_size", &[0.0, 4e9]),
        ("per_device_eval_batch_size", &[0.0, 4e9]),
        ("gradient_accumulation_steps", &[0.0, 4e9]),
        ("eval_accumulation_steps", &[0.0, 4e9]),
        ("dataloader_num_workers", &[1025.0]),
    ];
    for (name, values) in out_of_range {
        for value in *values {
            let mut args = TrainingArguments::new("out");
            args.set(name, (*value).into()).unwrap();
            match args.validate() {
                Err(ArgumentsError::Invalid {
                    name: found,
                    problem,
                }) => assert_eq!(found, *name, "{problem}"),
                other => panic!("{name} = {value}: {other:?}"),
            }
        }
    }
    for args in [
        TrainingArguments {
            per_device_train_batch_size: usize::MAX,
            ..TrainingArguments::new("out")
        },
        TrainingArguments {
            gradient_accumulation_steps: usize::MAX,
            ..TrainingArguments::new("out")
        },
        TrainingArguments {
            max_steps: i64::MAX,
            ..TrainingArguments::new("out")
        },
        TrainingArguments {
            num_train_epochs: 1e300,
            ..TrainingArguments::new("out")
        },
    ] {
        assert!(
            args.validate()
                .unwrap_err()
                .to_string()
                .contains("must be at most 2^")
        );
        let _shown = args.total_train_batch_size();
    }
    for value in [f64::NAN, f64::INFINITY] {
        let args = TrainingArguments {
            learning_rate: value,
            ..TrainingArguments::new("out")
        };
        assert!(args.validate().is_err());
        let args = TrainingArguments {
            adam_beta1: value,
            ..TrainingArguments::new("out")
        };
        assert!(args.validate().is_err());
    }
    assert!(TrainingArguments::new("").validate().is_err());
    let args = TrainingArguments {
        dataloader_persistent_workers: true,
        ..TrainingArguments::new("out")
    };
    assert!(
        args.validate()
            .unwrap_err()
            .to_string()
            .contains("dataloader_num_workers")
    );
    let args = TrainingArguments {
        save_strategy: SaveStrategy::Best,
        ..TrainingArguments::new("out")
    };
    assert!(
        args.validate()
            .unwrap_err()
            .to_string()
            .contains("eval_strategy")
    );
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        ..args
    };
    assert!(
        args.validate()
            .unwrap_err()
            .to_string()
            .contains("metric_for_best_model")
    );
}

/// What is implemented; every other field must be refused, by its name, when it is set away from its default.
const SUPPORTED: &[&str] = &[
    "output_dir",
    "per_device_train_batch_size",
    "num_train_epochs",
    "max_steps",
    "learning_rate",
    "lr_scheduler_type",
    "lr_scheduler_kwargs",
    "warmup_steps",
    "optim",
    "optim_args",
    "weight_decay",
    "adam_beta1",
    "adam_beta2",
    "adam_epsilon",
    "gradient_accumulation_steps",
    "average_tokens_across_devices",
    "max_grad_norm",
    "label_smoothing_factor",
    "logging_strategy",
    "logging_steps",
    "logging_first_step",
    "logging_nan_inf_filter",
    "include_num_input_tokens_seen",
    "log_level",
    "disable_tqdm",
    "run_name",
    "eval_strategy",
    "eval_steps",
    "eval_delay",
    "per_device_eval_batch_size",
    "prediction_loss_only",
    "eval_on_start",
    "eval_accumulation_steps",
    "save_only_model",
    "save_strategy",
    "save_steps",
    "save_total_limit",
    "load_best_model_at_end",
    "metric_for_best_model",
    "greater_is_better",
    "ignore_data_skip",
    "restore_callback_states_from_checkpoint",
    "seed",
    "data_seed",
    "bf16",
    "fp16",
    "bf16_full_eval",
    "fp16_full_eval",
    "tf32",
    "use_cpu",
    "dataloader_drop_last",
    "dataloader_num_workers",
    "dataloader_pin_memory",
    "dataloader_persistent_workers",
    "dataloader_prefetch_factor",
    "remove_unused_columns",
    "include_for_metrics",
    "label_names",
    "train_sampling_strategy",
    "length_column_name",
    "do_train",
    "do_eval",
    "do_predict",
    "compute",
    "activation_checkpointing",
    "gradient_checkpointing",
    "resume_from_checkpoint",
];

/// A value that differs from the default of the field.
fn another(default: &Value, name: &str) -> Value {
    let candidates = [
        json!(true),
        json!(false),
        json!(7),
        json!("every_save"),
        json!("end"),
        json!("critical"),
        json!(["x"]),
        json!({"a": 1}),
        json!("x"),
    ];
    let fits = |value: &&Value| {
        let mut values = Map::new();
        values.insert(name.to_string(), (*value).clone());
        *value != default && TrainingArguments::from_values(values).is_ok()
    };
    candidates
        .iter()
        .find(fits)
        .unwrap_or_else(|| panic!("{name}"))
        .clone()
}

#[test]
fn what_is_not_supported_is_refused_by_name_and_never_ignored() {
    let defaults = TrainingArguments::default();
    let mut refused = 0;
    for field in TrainingArguments::fields() {
        if SUPPORTED.contains(&field.name) {
            continue;
        }
        let default = defaults.get(field.name).unwrap();
        let mut args = TrainingArguments::new("out");
        let value = another(&default, field.name);
        args.set(field.name, value.clone()).unwrap();
        match args.validate() {
            Err(ArgumentsError::Unsupported {
                name,
                value: shown,
                reason,
            }) => {
                assert_eq!(name, field.name);
                assert!(!reason.is_empty());
                let set = args.get(name).unwrap().to_string();
                assert_eq!(shown == set, name != "hub_token", "{shown}");
                refused += 1;
            }
            other => panic!("{} = {value}: {other:?}", field.name),
        }
    }
    assert_eq!(refused + SUPPORTED.len(), 115);
}

#[test]
fn choices_that_are_not_supported_are_refused() {
    for optim in OptimizerNames::ALL {
        let args = TrainingArguments {
            optim: *optim,
            ..TrainingArguments::new("out")
        };
        assert_eq!(args.validate().is_ok(), optim.is_supported(), "{optim}");
    }
    let mut args = TrainingArguments::new("out");
    args.set("report_to", "tensorboard".into()).unwrap();
    let message = args.validate().unwrap_err().to_string();
    assert!(
        message.contains("report_to") && message.contains("tensorboard"),
        "{message}"
    );
}

#[test]
fn intervals_are_steps_or_ratios_of_the_run() {
    let args = TrainingArguments {
        logging_steps: 0.1,
        eval_strategy: IntervalStrategy::Steps,
        save_steps: 30.0,
        ..TrainingArguments::new("out")
    };
    assert_eq!(args.logging_interval(101), 11);
    assert_eq!(args.eval_interval(101), Some(11));
    assert_eq!(args.save_interval(101), 30);
    assert_eq!(args.logging_interval(0), 1);
    let args = TrainingArguments {
        eval_strategy: IntervalStrategy::Epoch,
        ..args
    };
    assert_eq!(args.eval_interval(101), None);
    assert_eq!(args.total_train_batch_size(), 8);
}

#[test]
fn names_are_read_and_written() {
    assert_eq!(
        "epoch".parse::<IntervalStrategy>().unwrap(),
        IntervalStrategy::Epoch
    );
    assert_eq!(IntervalStrategy::Epoch.to_string(), "epoch");
    assert_eq!(
        serde_json::to_value(TokenCount::NonPadding).unwrap(),
        "non_padding"
    );
    let message = "never".parse::<SaveStrategy>().unwrap_err().to_string();
    assert_eq!(
        message,
        "`SaveStrategy` must be one of no, steps, epoch, best, found \"never\""
    );
}

//! Command lines are read as Python reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trainer::core::{
    ArgumentFields, ArgumentKind, IntervalStrategy, OptimizerNames, TrainingArguments,
};
use trainer::models::Compute;
use trainer::{CommandLineError, HfArgumentParser, script_arguments};

script_arguments! {
    /// What the test program needs.
    #[derive(Debug, PartialEq)]
    pub struct Script {
        /// The model.
        model: String = "bert".to_string(),
        /// The second column.
        sentence2: Option<String> = Some("sentence2".to_string()),
        /// Rows.
        max_train_samples: Option<usize> = None,
        /// Output.
        predictions_file: Option<PathBuf> = None,
    }
}

fn parser() -> HfArgumentParser {
    HfArgumentParser::new("prog").about("A test program")
}

fn parse(words: &[&str]) -> Result<(Script, TrainingArguments), CommandLineError> {
    parser().parse_from([&["prog"], words].concat())
}

fn usage(words: &[&str]) -> (String, clap::error::ErrorKind, i32) {
    match parse(words).unwrap_err() {
        CommandLineError::Usage(error) => (error.to_string(), error.kind(), error.exit_code()),
        other => panic!("expected a usage error, found {other}"),
    }
}

#[test]
fn nothing_given_is_the_defaults() {
    let (script, args) = parse(&[]).unwrap();
    assert_eq!(script, Script::default());
    assert_eq!(args, TrainingArguments::default());
}

#[test]
fn underscores_and_hyphens_space_and_equals_are_the_same() {
    for words in [
        &["--learning_rate", "3e-5", "--max_train_samples", "7"][..],
        &["--learning-rate", "3e-5", "--max-train-samples", "7"],
        &["--learning_rate=3e-5", "--max_train_samples=7"],
        &["--learning-rate=3e-5", "--max-train-samples=7"],
    ] {
        let (script, args) = parse(words).unwrap();
        assert_eq!(args.learning_rate, 3e-5, "{words:?}");
        assert_eq!(script.max_train_samples, Some(7), "{words:?}");
    }
}

#[test]
fn booleans_need_no_value() {
    for (words, expected) in [
        (&["--do_train"][..], true),
        (&["--do_train", "True"], true),
        (&["--do-train", "yes"], true),
        (&["--do_train", "1", "--seed", "1"], true),
        (&["--do_train", "--seed", "1"], true),
        (&["--do_train", "false"], false),
        (&["--do_train=0"], false),
        (&["--do_train", "--do_train", "no"], false),
    ] {
        assert_eq!(parse(words).unwrap().1.do_train, expected, "{words:?}");
    }
}

#[test]
fn what_is_true_by_default_has_an_opposite_and_the_last_one_counts() {
    for (words, expected) in [
        (&["--no_remove_unused_columns"][..], false),
        (&["--no-remove-unused-columns"], false),
        (&["--remove_unused_columns", "false"], false),
        (
            &["--no_remove_unused_columns", "--remove_unused_columns"],
            true,
        ),
        (
            &["--remove_unused_columns", "--no_remove_unused_columns"],
            false,
        ),
    ] {
        assert_eq!(
            parse(words).unwrap().1.remove_unused_columns,
            expected,
            "{words:?}"
        );
    }
    assert_eq!(usage(&["--no_do_train"]).2, 2);
}

#[test]
fn compute_is_reference_or_fast() {
    assert_eq!(parse(&[]).unwrap().1.compute, Compute::default());
    for compute in Compute::ALL {
        let words = ["--compute", compute.as_str()];
        assert_eq!(parse(&words).unwrap().1.compute, compute);
    }
    let (message, _, code) = usage(&["--compute", "quick"]);
    assert_eq!(code, 2);
    for word in ["quick", "--compute", "reference", "fast"] {
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn values_of_every_kind() {
    let (script, args) = parse(&[
        "--model",
        "tiny",
        "--sentence2",
        "None",
        "--predictions_file",
        "a/b.json",
        "--max_steps",
        "-1",
        "--eval_strategy",
        "epoch",
        "--optim",
        "sgd",
        "--report_to",
        "none",
        "--label_names",
        "start_positions",
        "end_positions",
        "--save_total_limit",
        "None",
        "--lr_scheduler_kwargs",
        r#"{"num_cycles": "2", "lr_end": "1.5", "on": "True", "name": "x1"}"#,
        "--eval_steps",
        "0.5",
        "--output_dir",
        "out",
        "--data_seed",
        "18446744073709551615",
        "--disable_tqdm",
    ])
    .unwrap();
    assert_eq!((script.model.as_str(), script.sentence2), ("tiny", None));
    assert_eq!(script.predictions_file, Some(PathBuf::from("a/b.json")));
    assert_eq!(args.max_steps, -1);
    assert_eq!(args.eval_strategy, IntervalStrategy::Epoch);
    assert_eq!(args.optim, OptimizerNames::Sgd);
    assert_eq!(args.report_to, ["none"]);
    assert_eq!(
        args.label_names.unwrap(),
        ["start_positions", "end_positions"]
    );
    assert_eq!(args.save_total_limit, None);
    let kwargs = Value::Object(args.lr_scheduler_kwargs.unwrap());
    assert_eq!(
        kwargs,
        json!({"num_cycles": 2, "lr_end": 1.5, "on": true, "name": "x1"})
    );
    assert_eq!(args.eval_steps, Some(0.5));
    assert_eq!(args.output_dir, PathBuf::from("out"));
    assert_eq!(args.data_seed, Some(u64::MAX));
    assert_eq!(args.disable_tqdm, Some(true));
}

/// A value of the kind that is not the default of any argument, and how it is written on the command line.
fn other_value(kind: ArgumentKind, default: &Value) -> (Value, String) {
    match kind {
        ArgumentKind::Bool => {
            let value = *default != Value::Bool(true);
            (Value::from(value), value.to_string())
        }
        ArgumentKind::Int => (json!(-7), "-7".into()),
        ArgumentKind::Count => (json!(7), "7".into()),
        ArgumentKind::Float => (json!(0.625), "0.625".into()),
        ArgumentKind::Choice(names) => {
            let name = *names.iter().find(|name| default != **name).unwrap();
            (json!(name), name.into())
        }
        ArgumentKind::List => (json!(["one"]), "one".into()),
        ArgumentKind::Object | ArgumentKind::ObjectOrText => {
            (json!({"a": 1}), r#"{"a": 1}"#.into())
        }
        _ => (json!("text"), "text".into()),
    }
}

#[test]
fn every_field_is_a_flag_and_sets_itself_only() {
    let defaults = TrainingArguments::default();
    assert_eq!(TrainingArguments::fields().len(), 115);
    for field in TrainingArguments::fields() {
        let (value, text) = other_value(field.kind, &defaults.get(field.name).unwrap());
        for name in [field.name.to_string(), field.name.replace('_', "-")] {
            let (_, args) = parse(&[&format!("--{name}"), &text]).unwrap();
            let changed: BTreeSet<&str> = TrainingArguments::fields()
                .iter()
                .map(|other| other.name)
                .filter(|other| args.get(other) != defaults.get(other))
                .collect();
            assert_eq!(changed, BTreeSet::from([field.name]));
            assert_eq!(args.get(field.name), Some(value.clone()));
        }
        if field.optional {
            let (_, args) = parse(&[&format!("--{}", field.name), "None"]).unwrap();
            assert_eq!(args.get(field.name), Some(Value::Null), "{}", field.name);
        }
    }
}

#[test]
fn help_lists_every_field_with_its_default() {
    let (help, kind, code) = usage(&["--help"]);
    assert_eq!((kind, code), (clap::error::ErrorKind::DisplayHelp, 0));
    for field in TrainingArguments::fields().iter().chain(&Script::fields()) {
        assert!(
            help.contains(&format!("--{} ", field.name)),
            "{} is not in the help",
            field.name
        );
        assert!(
            help.contains(&format!("{}:", field.group)),
            "{} is not in the help",
            field.group
        );
        assert!(!field.help.trim().is_empty());
    }
    assert!(help.starts_with("A test program"));
    assert!(help.contains("[default: adamw_torch_fused]"), "{help}");
    assert!(help.contains("--no_remove_unused_columns"));
}

#[test]
fn a_flag_that_does_not_exist_is_refused_with_the_nearest_one() {
    let (message, kind, code) = usage(&["--learning_rat", "1"]);
    assert_eq!((kind, code), (clap::error::ErrorKind::UnknownArgument, 2));
    assert!(message.contains("--learning_rat"), "{message}");
    assert!(message.contains("'--learning_rate'"), "{message}");
}

#[test]
fn wrong_values_name_flag_value_and_kind() {
    for (words, parts) in [
        (
            ["--learning_rate", "fast"],
            ["--learning_rate", "'fast'", "a number"],
        ),
        (
            ["--learning_rate", "inf"],
            ["--learning_rate", "'inf'", "a number"],
        ),
        (["--seed", "-1"], ["--seed", "'-1'", "zero or greater"]),
        (
            ["--seed", "1.5"],
            ["--seed", "'1.5'", "a whole number, zero or greater"],
        ),
        (
            ["--max_steps", "1.5"],
            ["--max_steps", "'1.5'", "a whole number"],
        ),
        (
            ["--do_train", "maybe"],
            ["--do_train", "'maybe'", "true or false"],
        ),
        (
            ["--eval_strategy", "always"],
            ["--eval_strategy", "'always'", "no, steps, epoch"],
        ),
        (
            ["--save_total_limit", "few"],
            ["--save_total_limit", "'few'", "zero or greater, or None"],
        ),
        (
            ["--lr_scheduler_kwargs", "{1}"],
            [
                "--lr_scheduler_kwargs",
                "'{1}'",
                "a JSON object, or None: key must be",
            ],
        ),
        (
            ["--lr_scheduler_kwargs", "x"],
            ["--lr_scheduler_kwargs", "'x'", "a JSON object"],
        ),
    ] {
        let (message, _, code) = usage(&words);
        assert_eq!(code, 2);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
    }
    assert_eq!(usage(&["--label_names"]).2, 2);
    assert_eq!(usage(&["stray"]).2, 2);
}

#[test]
fn a_json_file_stands_for_all_flags() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("args.json");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        parse(&[path.to_str().unwrap()])
    };
    let (script, args) = read(
        r#"{"model": "tiny", "learning_rate": 1, "report_to": "none", "eval_strategy": "epoch"}"#,
    )
    .unwrap();
    assert_eq!(script.model, "tiny");
    assert_eq!(args.learning_rate, 1.0);
    assert_eq!(args.eval_strategy, IntervalStrategy::Epoch);

    for (text, parts) in [
        (
            r#"{"learning_rat": 1}"#,
            ["learning_rat", "did you mean `learning_rate`"],
        ),
        (r#"{"modle": "x"}"#, ["modle", "did you mean `model`"]),
        (
            r#"{"seed": "x"}"#,
            ["`seed` must be a whole number, zero or greater", "\"x\""],
        ),
        (r#"{"seed": null}"#, ["`seed`", "null"]),
        ("[]", ["not a JSON object", "line 1"]),
        ("{", ["not a JSON object", "line 1"]),
    ] {
        let message = read(text).unwrap_err().to_string();
        for part in parts.iter().chain(&["args.json"]) {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
    }
    let missing = parse(&["nowhere.json"]).unwrap_err();
    assert!(
        matches!(missing, CommandLineError::File { .. }),
        "{missing}"
    );
}

/// A pipe waits for its writer, a device has no end.
#[cfg(unix)]
#[test]
fn a_file_of_arguments_is_a_regular_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("args.json");
    let pipe = |path: &Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    let device = |path: &Path| std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    for make in [pipe, device as fn(&Path)] {
        make(&path);
        let message = parse(&[path.to_str().unwrap()]).unwrap_err().to_string();
        assert!(
            message.contains("args.json") && message.contains("no regular file"),
            "{message}"
        );
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_program_cannot_redefine_a_training_argument() {
    script_arguments! {
        /// Wrong.
        struct Clash {
            /// Taken.
            seed: usize = 1,
        }
    }
    let error = parser().parse_from::<Clash>(["prog"]).err().unwrap();
    assert!(matches!(
        error,
        CommandLineError::Duplicate { name: "seed" }
    ));
}

#[test]
fn a_program_may_have_no_arguments_of_its_own() {
    let words = ["prog", "--seed", "7"];
    let args = parser().parse_training_arguments_from(words).unwrap();
    assert_eq!(args.seed, 7);
}

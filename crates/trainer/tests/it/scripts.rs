//! The examples `run_glue`, `run_ner`, `run_mlm` and `run_swag` on files of one's own.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::{Workplace, program};

/// Runs an example for some steps on the CPU.
fn run(place: &Workplace, example: &str, flags: &[&str]) -> Output {
    Command::new(program(example))
        .arg("--model_name_or_path")
        .arg(place.model())
        .arg("--output_dir")
        .arg(place.output())
        .args(["--use_cpu", "--disable_tqdm"])
        .args(flags)
        .current_dir(place.data())
        .env("HF_HUB_OFFLINE", "1")
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn succeeds(place: &Workplace, example: &str, flags: &[&str]) -> Value {
    let output = run(place, example, flags);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{example}: {stderr}");
    json(&place.output().join("all_results.json"))
}

fn fails(place: &Workplace, example: &str, flags: &[&str]) -> String {
    let output = run(place, example, flags);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Writes `rows` as JSON lines into the folder of data.
fn write(place: &Workplace, file: &str, rows: impl IntoIterator<Item = Value>) {
    let lines: String = rows.into_iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(place.data().join(file), lines).unwrap();
}

const FILES: [&str; 6] = [
    "--train_file",
    "a.jsonl",
    "--validation_file",
    "b.jsonl",
    "--test_file",
    "b.jsonl",
];

#[test]
fn words_are_named() {
    let place = Workplace::new();
    let row = |number: usize| {
        let animal = ["cat", "bird", "dogs"][number % 3];
        json!({ "tokens": ["the", animal, "sees", "."], "ner_tags": ["O", "B-animal", "O", "O"] })
    };
    write(&place, "a.jsonl", (0..48).map(row));
    write(&place, "b.jsonl", (0..6).map(row));
    let learn = ["--num_train_epochs", "20", "--learning_rate", "0.02"];
    let flags = [&FILES[..], &learn, &["--return_entity_level_metrics"]].concat();
    let results = succeeds(&place, "run_ner", &flags);
    assert_eq!(results["eval_animal_f1"], 1.0, "{results}");
    assert_eq!(results["predict_overall_accuracy"], 1.0, "{results}");
    assert_eq!(
        (&results["train_samples"], &results["eval_samples"]),
        (&json!(48), &json!(6))
    );
    // A line of names for the four words of each row, however many tokens they have.
    let names = lines(&place.output().join("predictions.txt"));
    assert_eq!(names, vec!["O B-animal O O"; 6]);
    let config = json(&place.output().join("config.json"));
    assert_eq!(config["id2label"], json!({ "0": "B-animal", "1": "O" }));
    assert!(place.output().join("eval_results.json").exists());

    let error = fails(
        &place,
        "run_ner",
        &["--train_file", "a.jsonl", "--label_column_name", "tag"],
    );
    assert!(error.contains("\"tag\""), "{error}");
}

#[test]
fn endings_are_chosen() {
    let place = Workplace::new();
    let row = |number: usize| {
        let mut row = json!({ "sent1": "the cat", "sent2": "a", "label": number % 3 });
        for ending in 0..3 {
            let text = if ending == number % 3 {
                "bird hears"
            } else {
                "dog sees"
            };
            row[format!("ending{ending}")] = text.into();
        }
        row
    };
    write(&place, "a.jsonl", (0..48).map(row));
    write(&place, "b.jsonl", (0..6).map(row));
    let learn = ["--num_train_epochs", "20", "--learning_rate", "0.02"];
    let flags = [&FILES[..], &learn, &["--ignore_mismatched_sizes"]].concat();
    let results = succeeds(&place, "run_swag", &flags);
    assert_eq!(results["eval_accuracy"], 1.0, "{results}");
    let chosen = lines(&place.output().join("predictions.txt"));
    assert_eq!(chosen, ["0", "1", "2", "0", "1", "2"]);
}

#[test]
fn masked_words_are_filled_in_and_a_resumed_run_masks_the_same() {
    let place = Workplace::new();
    let text = |number: usize| {
        let animal = ["cat", "bird", "dog"][number % 3];
        json!({ "text": format!("the old {animal} sees a {animal} .") })
    };
    write(&place, "a.jsonl", (0..40).map(text));
    let flags = [
        "--train_file",
        "a.jsonl",
        "--max_steps",
        "6",
        "--save_steps",
        "1",
        "--max_seq_length",
        "16",
        "--per_device_train_batch_size",
        "2",
        "--validation_split_percentage",
        "20",
    ];
    let results = succeeds(&place, "run_mlm", &flags);
    let loss = results["eval_loss"].as_f64().unwrap();
    assert_eq!(results["perplexity"].as_f64(), Some(loss.exp()));
    let weights = || std::fs::read(place.output().join("model.safetensors")).unwrap();
    let whole = weights();
    for step in [1, 3, 5] {
        let checkpoint = place.output().join(format!("checkpoint-{step}"));
        let checkpoint = checkpoint.to_str().unwrap();
        let resumed = [&flags[..], &["--resume_from_checkpoint", checkpoint]].concat();
        let again = succeeds(&place, "run_mlm", &resumed);
        assert!(weights() == whole, "from step {step}");
        assert_eq!(again["eval_loss"], results["eval_loss"]);
    }
    let words = ["--line_by_line", "--whole_word_mask"];
    succeeds(&place, "run_mlm", &[&flags[..], &words].concat());
}

#[test]
fn texts_are_sorted_and_scored() {
    let place = Workplace::new();
    let row = |number: usize| {
        let (text, label) = [("the old cat", "old"), ("a bird hears", "new")][number % 2];
        json!({ "text": text, "label": label })
    };
    write(&place, "a.jsonl", (0..32).map(row));
    write(&place, "b.jsonl", (0..4).map(row));
    let learn = [
        "--num_train_epochs",
        "10",
        "--learning_rate",
        "0.02",
        "--max_seq_length",
        "16",
    ];
    let results = succeeds(&place, "run_glue", &[&FILES[..], &learn].concat());
    assert_eq!(results["eval_accuracy"], 1.0, "{results}");
    let predicted = lines(&place.output().join("predict_results_None.txt"));
    assert_eq!(
        predicted,
        ["index\tprediction", "0\told", "1\tnew", "2\told", "3\tnew"]
    );

    let score = |number: usize| json!({ "text": "a cat", "label": number as f64 / 4.0 });
    write(&place, "a.jsonl", (0..16).map(score));
    write(&place, "b.jsonl", (0..4).map(score));
    let results = succeeds(
        &place,
        "run_glue",
        &[
            &FILES[..],
            &learn[4..],
            &["--max_steps", "2", "--ignore_mismatched_sizes"],
        ]
        .concat(),
    );
    assert!(results["eval_mse"].is_number(), "{results}");

    let error = fails(&place, "run_glue", &["--task_name", "mrcp"]);
    assert!(error.contains("mrcp"), "{error}");
    let error = fails(&place, "run_glue", &[]);
    assert!(error.contains("--train_file"), "{error}");
}

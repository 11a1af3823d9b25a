//! The example `run_qa` on files of one's own.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use trainer::prelude::*;

use crate::support::{Workplace, program};

/// Questions about texts of six words; the third of each `group` has no answer, if that has three.
fn write(path: &Path, rows: usize, group: usize) {
    let row = |row: usize| {
        let (who, whom) = (["cat", "dog", "bird"][row % 3], ["cat", "dog"][row % 2]);
        let context = format!("the old {who} sees a {whom} now");
        let answers = match row % group {
            2 => json!({"text": [], "answer_start": []}),
            _ => json!({"text": [who], "answer_start": [8]}),
        };
        json!({"id": format!("q{row}"), "question": " the old ?", "context": context, "answers": answers})
    };
    let rows: Vec<Value> = (0..rows).map(row).collect();
    std::fs::write(path, json!({"version": 1, "data": rows}).to_string()).unwrap();
}

fn run(place: &Workplace, flags: &[&str]) -> Output {
    Command::new(program("run_qa"))
        .arg("--model_name_or_path")
        .arg(place.model())
        .arg("--output_dir")
        .arg(place.output())
        .args([
            "--use_cpu",
            "--disable_tqdm",
            "--max_seq_length",
            "12",
            "--doc_stride",
            "2",
        ])
        .args(flags)
        .current_dir(place.data())
        .env("HF_HUB_OFFLINE", "1")
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn succeed(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn json_in(place: &Workplace, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(place.output().join(name)).unwrap()).unwrap()
}

#[test]
fn it_trains_evaluates_and_predicts_by_answers() {
    let place = Workplace::new();
    for (name, rows) in [("train.json", 48), ("dev.json", 7), ("test.json", 3)] {
        write(&place.data().join(name), rows, 2);
    }
    let files = [
        "--train_file",
        "train.json",
        "--validation_file",
        "dev.json",
        "--test_file",
        "test.json",
    ];
    let learn = [
        "--learning_rate",
        "3e-2",
        "--num_train_epochs",
        "4",
        "--eval_strategy",
        "epoch",
    ];
    let best = [
        "--load_best_model_at_end",
        "--metric_for_best_model",
        "f1",
        "--save_strategy",
        "epoch",
    ];
    succeed(&run(&place, &[&files[..], &learn, &best].concat()));

    let all = json_in(&place, "all_results.json");
    for name in [
        "train_loss",
        "eval_exact_match",
        "eval_f1",
        "predict_f1",
        "predict_samples",
    ] {
        assert!(all[name].is_number(), "{name} in {all}");
    }
    assert_eq!(
        (&all["train_samples"], &all["eval_samples"]),
        (&json!(96), &json!(14)),
        "two windows each"
    );
    assert!(all["eval_loss"].is_null());
    assert_eq!(
        json_in(&place, "eval_results.json")["eval_f1"],
        all["eval_f1"]
    );
    let answers = json_in(&place, "eval_predictions.json");
    let ids: Vec<&String> = answers.as_object().unwrap().keys().collect();
    assert_eq!(ids, ["q0", "q1", "q2", "q3", "q4", "q5", "q6"]);
    let best = json_in(&place, "eval_nbest_predictions.json");
    assert_eq!(best["q1"][0]["text"], answers["q1"]);
    assert_eq!(
        json_in(&place, "predict_predictions.json")
            .as_object()
            .unwrap()
            .len(),
        3
    );
    let state = json_in(&place, "trainer_state.json");
    assert_eq!(state["best_metric"], all["eval_f1"]);

    // What was saved answers.
    let folder = place.output();
    let answerer = QuestionAnswerer::from_pretrained(folder.to_str().unwrap()).unwrap();
    let answer = answerer
        .answer([("the old ?", "the old bird sees a dog now")])
        .unwrap();
    assert!("the old bird sees a dog now".contains(&answer[0].answer));
}

#[test]
fn questions_without_an_answer_have_their_own_metrics() {
    let place = Workplace::new();
    write(&place.data().join("dev.json"), 9, 3);
    let flags = [
        "--validation_file",
        "dev.json",
        "--max_eval_samples",
        "6",
        "--pad_to_max_length",
        "false",
    ];
    let refused = run(&place, &flags);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("version_2_with_negative"),
        "{said}"
    );

    succeed(&run(
        &place,
        &[&flags[..], &["--version_2_with_negative"]].concat(),
    ));
    let results = json_in(&place, "eval_results.json");
    assert_eq!(results["eval_total"], json!(6.0));
    assert_eq!(results["eval_NoAns_total"], json!(2.0));
    assert!(results["eval_best_f1"].is_number());
    assert_eq!(
        json_in(&place, "eval_null_odds.json")
            .as_object()
            .unwrap()
            .len(),
        6
    );
}

#[test]
fn what_is_missing_is_named() {
    let place = Workplace::new();
    let said = |flags: &[&str]| String::from_utf8_lossy(&run(&place, flags).stderr).into_owned();
    assert!(said(&[]).contains("--dataset_name"));
    write(&place.data().join("dev.json"), 3, 9);
    let error = said(&["--validation_file", "dev.json", "--do_train"]);
    assert!(error.contains("train"), "{error}");
    let error = said(&["--validation_file", "dev.json", "--doc_stride", "9"]);
    assert!(
        error.contains("row 0") && error.contains("overlap by 9"),
        "{error}"
    );
}

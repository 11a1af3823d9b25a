//! The example programs on data of one's own: words for labels, several labels a row, a model that is used afterwards.

use std::process::{Command, Output};

use crate::support::{Workplace, program};

fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn write_words(place: &Workplace, split: &str, rows: usize) {
    let lines: String = (0..rows)
        .map(|row| match row % 2 {
            0 => "the old cat sees,ham\n",
            _ => "a bird hears now,spam\n",
        })
        .collect();
    let path = place.data().join(format!("{split}.csv"));
    std::fs::write(path, format!("text,label\n{lines}")).unwrap();
    let _ = std::fs::remove_file(place.data().join(format!("{split}.jsonl")));
}

#[test]
fn spam_is_learnt_and_told_from_ham_by_a_second_program() {
    let place = Workplace::new();
    write_words(&place, "train", 64);
    write_words(&place, "validation", 8);
    let trained = Command::new(program("spam"))
        .arg(place.model())
        .arg(place.data())
        .current_dir(place.data().parent().unwrap())
        .output()
        .unwrap();
    let logs = succeeded(&trained);
    assert!(logs.contains("eval_f1"), "{logs}");
    let saved = place.data().with_file_name("spam");
    let config = std::fs::read_to_string(saved.join("config.json")).unwrap();
    assert!(
        config.contains("\"0\": \"ham\"") && config.contains("\"1\": \"spam\""),
        "{config}"
    );
    let texts = ["the old cat sees", "a bird hears now", "a bird sees now"];
    let classified = Command::new(program("classify"))
        .arg(saved)
        .args(texts)
        .output()
        .unwrap();
    let answers = succeeded(&classified);
    let labels: Vec<_> = answers
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(labels.len(), 3);
    assert!(
        labels.iter().all(|label| ["ham", "spam"].contains(label)),
        "{answers}"
    );
}

#[test]
fn glue_mrpc_numbers_words_by_itself() {
    let place = Workplace::new();
    write_words(&place, "train", 16);
    // All of one word: numbered as in the other split.
    std::fs::write(
        place.data().join("validation.csv"),
        "text,label\na bird hears now,spam\n",
    )
    .unwrap();
    let _ = std::fs::remove_file(place.data().join("validation.jsonl"));
    let flags = ["--sentence1_column", "text", "--sentence2_column", "None"];
    let stdout = succeeded(&place.run(&flags));
    assert!(stdout.contains("[1, 2] [1]"), "{stdout}");
    let config = std::fs::read_to_string(place.output().join("config.json")).unwrap();
    assert!(config.contains("\"spam\": 1"), "{config}");
}

#[test]
fn glue_mrpc_learns_several_labels_a_row() {
    let place = Workplace::new();
    for (split, rows) in [("train", 16), ("validation", 4)] {
        let lines: String = (0..rows)
            .map(|row| {
                let labels = [row % 2, row / 2 % 2];
                format!("{{\"sentence1\": \"the cat sees\", \"sentence2\": \"a dog\", \"label\": {labels:?}}}\n")
            })
            .collect();
        std::fs::write(place.data().join(format!("{split}.jsonl")), lines).unwrap();
    }
    let stdout = succeeded(&place.run(&[]));
    assert!(stdout.contains("[4, 2] [4, 2]"), "{stdout}");
    for name in ["eval_f1_micro", "eval_f1_macro", "eval_exact_match"] {
        assert!(stdout.contains(name), "{stdout}");
    }
    let config = std::fs::read_to_string(place.output().join("config.json")).unwrap();
    assert!(config.contains("multi_label_classification"), "{config}");
}

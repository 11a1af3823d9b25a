//! Whatever a user does wrong gets one clear error and a status that is not 0, and never a panic.

use crate::support::Workplace;
use trainer::torch::fast;

/// Runs the program and checks that it fails with `words` in one error.
fn fails_with(place: &Workplace, flags: &[&str], words: &[&str]) {
    let output = place.run(flags);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(1 | 2)),
        "{:?}: {stderr}",
        output.status
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "expected {word:?} in: {stderr}");
    }
}

#[test]
fn good_input_runs() {
    let place = Workplace::new();
    let output = place.run(&[]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(stdout.contains("[8, 2] [8]"), "{stdout}");
    for file in [
        "trainer_state.json",
        "all_results.json",
        "train_results.json",
        "eval_results.json",
        "model.safetensors",
    ] {
        assert!(place.output().join(file).is_file(), "{file}");
    }
    let all = std::fs::read_to_string(place.output().join("all_results.json")).unwrap();
    assert!(
        all.contains("train_loss") && all.contains("eval_accuracy"),
        "{all}"
    );
}

#[test]
fn a_missing_model() {
    fails_with(
        &Workplace::new(),
        &["--model", "nobody/nothing"],
        &["nobody/nothing"],
    );
}

#[test]
fn a_missing_dataset() {
    fails_with(
        &Workplace::new(),
        &["--dataset", "nobody/nothing"],
        &["nobody/nothing"],
    );
}

#[test]
fn a_missing_column() {
    let flags = ["--sentence1_column", "sentense1"];
    fails_with(
        &Workplace::new(),
        &flags,
        &["sentense1", "sentence1", "sentence2"],
    );
}

#[test]
fn a_truncated_weights_file() {
    let place = Workplace::new();
    let path = place.model().join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 4, 100, bytes.len() - 10] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        fails_with(&place, &[], &["model.safetensors"]);
    }
}

#[test]
fn weights_of_the_wrong_shape() {
    let place = Workplace::new();
    let path = place.model().join("config.json");
    let config = std::fs::read_to_string(&path).unwrap();
    let changed = config.replace("\"intermediate_size\": 16", "\"intermediate_size\": 24");
    assert_ne!(config, changed);
    std::fs::write(&path, changed).unwrap();
    fails_with(
        &place,
        &[],
        &["intermediate.dense.weight", "[24, 8]", "[16, 8]"],
    );
}

#[test]
fn an_empty_data_set() {
    let place = Workplace::new();
    std::fs::write(place.data().join("train.jsonl"), "").unwrap();
    fails_with(&place, &[], &[]);
    for file in ["train.jsonl", "validation.jsonl"] {
        std::fs::remove_file(place.data().join(file)).unwrap();
    }
    fails_with(&place, &[], &["data"]);
}

#[test]
fn a_label_out_of_range() {
    let place = Workplace::new();
    let path = place.data().join("train.jsonl");
    let rows = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rows.replace("\"label\": 1", "\"label\": 7")).unwrap();
    fails_with(&place, &[], &["label", "7", "2"]);
}

/// Before a step is trained, and by its row.
#[test]
fn a_bad_label_anywhere_is_found_before_training() {
    for (split, described) in [("train", "training set"), ("validation", "evaluation set")] {
        for (at, label, words) in [
            (4, "7", "labels[4] is 7"),
            (4, "null", "row 4"),
            (0, "null", "row 0"),
        ] {
            let place = Workplace::new();
            let path = place.data().join(format!("{split}.jsonl"));
            let rows = std::fs::read_to_string(&path).unwrap();
            let mut rows: Vec<String> = rows.lines().map(str::to_owned).collect();
            let end = rows[at].rfind(':').unwrap();
            rows[at].replace_range(end + 1.., &format!(" {label}}}"));
            std::fs::write(&path, rows.join("\n")).unwrap();
            fails_with(&place, &["--logging_steps", "1"], &[described, words]);
            assert!(!place.output().join("checkpoint-1").exists());
        }
    }
}

#[test]
fn an_evaluation_set_without_a_whole_batch() {
    let flags = [
        "--dataloader_drop_last",
        "--per_device_eval_batch_size",
        "64",
    ];
    let place = Workplace::new();
    fails_with(
        &place,
        &flags,
        &["evaluation set", "8 rows", "dataloader_drop_last"],
    );
    assert!(!place.output().join("checkpoint-1").exists());
}

#[test]
fn a_model_folder_that_is_not_there() {
    let flags = ["--model", "./not/there"];
    fails_with(
        &Workplace::new(),
        &flags,
        &["./not/there", "no file or folder"],
    );
}

#[test]
fn a_predictions_file_that_cannot_be_written() {
    let flags = ["--predictions_file", "not/there.json"];
    fails_with(&Workplace::new(), &flags, &["not/there.json"]);
}

#[test]
fn a_run_goes_on_when_nobody_reads_its_output() {
    let place = Workplace::new();
    let flags = ["--logging_steps", "1", "--max_steps", "3"];
    let mut run = place
        .command(&[&flags[..], &["--log_level", "info"]].concat())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop((run.stdout.take(), run.stderr.take()));
    assert!(run.wait().unwrap().success());
    assert!(place.output().join("train_results.json").is_file());
}

#[test]
fn only_what_is_asked_for_is_done() {
    let place = Workplace::new();
    let output = place.run(&["--do_eval"]);
    assert!(output.status.success());
    assert!(place.output().join("eval_results.json").is_file());
    for file in ["train_results.json", "model.safetensors"] {
        assert!(!place.output().join(file).exists(), "{file}");
    }
}

#[test]
fn another_split_can_be_predicted() {
    let place = Workplace::new();
    let output = place.run(&["--do_predict", "--predict_split", "train"]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("[24, 2] [24]"), "{stdout}");
    let results = std::fs::read_to_string(place.output().join("test_results.json")).unwrap();
    assert!(results.contains("test_samples_per_second"), "{results}");
    let flags = ["--predict_split", "nothing"];
    fails_with(&place, &flags, &["nothing", "train", "validation"]);
}

#[test]
fn warnings_and_the_plan_are_shown() {
    for compute in ["reference", "fast"] {
        let stderr = Workplace::new().run(&["--compute", compute]).stderr;
        let stderr = String::from_utf8_lossy(&stderr);
        let kernels = match compute {
            "fast" => format!(" (kernels for {})", fast::kernels().unwrap()),
            _ => String::new(),
        };
        let chosen = format!("Compute = {compute}{kernels}\n");
        for words in ["Total optimization steps = 1", "Device = Cpu", &chosen] {
            assert!(stderr.contains(words), "{stderr}");
        }
        // Only where it is asked for.
        assert!(!stderr.contains("Profile"), "{stderr}");
    }
}

#[test]
fn the_profile_is_shown_where_the_log_has_it() {
    let place = Workplace::new();
    let mut by_environment = place.command(&[]);
    by_environment.env("RUST_LOG", "trainer_core::profile=debug");
    for output in [
        place.run(&["--log_level", "debug"]),
        by_environment.output().unwrap(),
    ] {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let (_, profile) = stderr.split_once("***** Profile: ").unwrap();
        let (whole, phases) = profile.split_once(" s *****").unwrap();
        let names = [
            "data",
            "prepare",
            "forward",
            "backward",
            "clip",
            "optimizer",
            "other",
        ];
        let mut sum = 0.0;
        for (line, name) in phases.trim_start().lines().zip(names) {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(words[..2], [name, "="], "{stderr}");
            sum += words[2].parse::<f64>().unwrap();
            assert!(words[4].ends_with('%'), "{stderr}");
        }
        // Each number has a thousandth.
        let whole: f64 = whole.parse().unwrap();
        assert!(whole > 0.0 && (sum - whole).abs() < 0.005, "{stderr}");
    }
}

#[test]
fn a_malformed_row() {
    let place = Workplace::new();
    let path = place.data().join("train.jsonl");
    let mut rows = std::fs::read_to_string(&path).unwrap();
    rows.push_str("{\"sentence1\": \"the cat\", \n");
    std::fs::write(&path, rows).unwrap();
    fails_with(&place, &[], &["train.jsonl", "25"]);
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let place = Workplace::new();
    std::fs::write(place.output(), "a file stands in the way").unwrap();
    fails_with(&place, &[], &["out"]);
}

#[test]
fn evaluation_without_an_evaluation_set() {
    let place = Workplace::new();
    std::fs::remove_file(place.data().join("validation.jsonl")).unwrap();
    fails_with(
        &place,
        &["--eval_strategy", "epoch"],
        &["eval_strategy", "eval_dataset"],
    );
}

#[test]
fn a_flag_that_does_not_exist() {
    let flags = ["--learning_rat", "1e-4"];
    fails_with(
        &Workplace::new(),
        &flags,
        &["--learning_rat", "--learning_rate"],
    );
}

#[test]
fn a_value_of_the_wrong_kind() {
    fails_with(
        &Workplace::new(),
        &["--learning_rate", "fast"],
        &["learning_rate", "fast"],
    );
}

#[test]
fn an_argument_that_is_not_supported() {
    fails_with(&Workplace::new(), &["--torch_compile"], &["torch_compile"]);
}

#[test]
fn a_precision_that_the_cpu_lacks() {
    fails_with(&Workplace::new(), &["--fp16"], &["fp16", "needs a GPU"]);
}

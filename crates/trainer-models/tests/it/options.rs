//! What a caller may ask for instead of the configuration.

use trainer_models::{ModelOptions, PretrainedConfig, ProblemType, num_labels};

fn config(json: &str) -> PretrainedConfig {
    PretrainedConfig::from_json(json, "test").unwrap()
}

/// The names of labels that are numbered from 0.
fn names(config: &PretrainedConfig) -> Vec<String> {
    let labels = config.id2label();
    assert!(labels.keys().copied().eq(0..labels.len() as i64));
    labels.into_values().collect()
}

fn refusal(json: &str, options: &ModelOptions) -> String {
    config(json).with_options(options).unwrap_err().to_string()
}

#[test]
fn without_labels_there_are_two() {
    assert_eq!(names(&config("{}")), ["LABEL_0", "LABEL_1"]);
    assert_eq!(config(r#"{"num_labels": 3}"#).num_labels(), 3);
    assert_eq!(
        names(&config(r#"{"id2label": {"1": "b", "0": "a"}}"#)),
        ["a", "b"]
    );
}

#[test]
fn a_count_that_fits_keeps_the_names() {
    let named = r#"{"id2label": {"0": "a", "1": "b"}}"#;
    assert_eq!(
        names(&config(named).with_options(&num_labels(2)).unwrap()),
        ["a", "b"]
    );
    assert_eq!(
        names(&config(named).with_options(&num_labels(1)).unwrap()),
        ["LABEL_0"]
    );
    let ids = ModelOptions::new().label2id([("x", 1), ("y", 0)]);
    assert_eq!(
        names(&config(named).with_options(&ids).unwrap()),
        ["y", "x"]
    );
}

#[test]
fn contradictions_are_refused() {
    for (options, expected) in [
        (num_labels(0), "num_labels must be at least 1"),
        (
            num_labels(3).id2label(["a", "b"]),
            "num_labels is 3, but 2 labels are named",
        ),
        (
            ModelOptions::new().label2id([("a", 0), ("b", 0)]),
            "label2id must use each number from 0 to 1 once",
        ),
        (
            ModelOptions::new()
                .id2label(["a", "b"])
                .label2id([("a", 1), ("b", 0)]),
            "id2label and label2id name different labels",
        ),
        (
            num_labels(1).problem_type(ProblemType::SingleLabelClassification),
            "needs num_labels > 1",
        ),
        (
            ModelOptions::new().id2label(Vec::<String>::new()),
            "no labels are named",
        ),
    ] {
        let message = refusal("{}", &options);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn dropouts_replace_those_of_the_configuration() {
    let config = config(r#"{"hidden_dropout_prob": 0.1, "other": [1]}"#)
        .with_options(
            &ModelOptions::new()
                .hidden_dropout_prob(0.0)
                .classifier_dropout(0.4),
        )
        .unwrap();
    assert_eq!(config.get("hidden_dropout_prob").unwrap(), 0.0);
    assert_eq!(config.get("classifier_dropout").unwrap(), 0.4);
    assert_eq!(config.get("other").unwrap(), &serde_json::json!([1]));
}

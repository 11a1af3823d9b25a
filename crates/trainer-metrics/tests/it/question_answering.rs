//! Answers and their scores equal those that `parity/question_answering_metrics.py` recorded.

use serde_json::{Value, json};
use trainer_metrics::{
    AnswerOptions, Array, EvalPrediction, Metric, MetricError, MetricGroup, NamedArrays,
    QuestionExample, QuestionWindow, SquadMetric, SquadPrediction, postprocess_qa_predictions,
    squad, squad_v2,
};

fn recorded(kind: &str) -> Vec<Value> {
    let text = include_str!("../data/question_answering.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[kind].as_array().unwrap().clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn examples(case: &Value) -> Vec<QuestionExample> {
    let example = |one: &Value| QuestionExample::new(text(&one["id"]), text(&one["context"]));
    list(&case["examples"]).iter().map(example).collect()
}

fn windows(case: &Value) -> Vec<QuestionWindow> {
    let offsets = |value: &Value| Some((number(value.get(0)?), number(value.get(1)?)));
    let window = |one: &Value| {
        let mapping = list(&one["offset_mapping"]).iter().map(offsets);
        QuestionWindow::new(text(&one["example_id"]), mapping)
    };
    list(&case["windows"]).iter().map(window).collect()
}

/// Rows `from..to` of both scores, as wide as the widest of them, filled up with -100.
fn predictions(case: &Value, from: usize, to: usize) -> NamedArrays {
    let array = |name: &str| {
        let rows = &list(&case[name])[from..to];
        let width = rows.iter().map(|row| list(row).len()).max().unwrap();
        let row = |row: &Value| {
            let mut row: Vec<f32> = list(row)
                .iter()
                .map(|it| it.as_f64().unwrap() as f32)
                .collect();
            row.resize(width, -100.0);
            row
        };
        Array::float(&[rows.len(), width], rows.iter().flat_map(row).collect()).unwrap()
    };
    NamedArrays::new()
        .with("start_logits", array("start_logits"))
        .with("end_logits", array("end_logits"))
}

fn options(case: &Value) -> AnswerOptions {
    let options = &case["options"];
    AnswerOptions::new()
        .n_best_size(number(&options["n_best_size"]))
        .max_answer_length(number(&options["max_answer_length"]))
        .version_2_with_negative(options["version_2_with_negative"].as_bool().unwrap())
        .null_score_diff_threshold(options["null_score_diff_threshold"].as_f64().unwrap() as f32)
}

/// Texts, their order and the model's scores exactly; a probability to the roundings of one exponential, of a sum of at most 21 and of
/// a division, in 32 bits: numpy's exponential is within 2.5 units of the last place.
#[test]
fn answers_are_those_of_numpy() {
    let tolerance = 26.0 * 2f64.powi(-24);
    for case in recorded("answers") {
        let (windows, name) = (windows(&case), text(&case["name"]));
        let all = predictions(&case, 0, windows.len());
        let found = postprocess_qa_predictions(&examples(&case), &windows, &all, &options(&case));
        let found = found.unwrap();
        assert_eq!(found.answers.len(), list(&case["answers"]).len());
        for (found, expected) in found.answers.iter().zip(list(&case["answers"])) {
            assert_eq!(found.text, text(&expected["text"]), "{name}");
            let odds = expected["odds"].as_f64();
            assert_eq!(found.null_odds.map(f64::from), odds, "{name}");
            let n_best = list(&expected["n_best"]);
            assert_eq!(found.n_best.len(), n_best.len(), "{name}");
            for (answer, expected) in found.n_best.iter().zip(n_best) {
                let mut made = serde_json::to_value(answer).unwrap();
                let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
                let wanted: Vec<&String> = expected.as_object().unwrap().keys().collect();
                assert_eq!(keys, wanted, "{name}");
                let probability = expected["probability"].as_f64().unwrap();
                let apart = (answer.probability - probability).abs();
                assert!(apart <= tolerance * probability, "{name}: {apart}");
                made["probability"] = expected["probability"].clone();
                assert_eq!(made, *expected, "{name}");
            }
        }
    }
}

fn references(case: &Value) -> Vec<QuestionExample> {
    let references = case["references"].as_object().unwrap().iter();
    let reference = |(id, truths): (&String, &Value)| {
        QuestionExample::new(id, "").answers(list(truths).iter().map(text))
    };
    references.map(reference).collect()
}

fn guesses(case: &Value) -> Vec<SquadPrediction> {
    let guesses = case["predictions"].as_object().unwrap().iter();
    let guess = |(id, guess): (&String, &Value)| {
        let chance = guess[1].as_f64().unwrap() as f32;
        SquadPrediction::new(id, text(&guess[0])).no_answer_probability(chance)
    };
    guesses.map(guess).collect()
}

#[test]
fn scores_are_those_of_the_official_scripts() {
    for case in recorded("scores") {
        let (name, references, guesses) = (&case["name"], references(&case), guesses(&case));
        let first = squad(&guesses, &references);
        match case["squad"].as_object() {
            Some(_) => assert_eq!(json!(first.unwrap()), case["squad"], "{name}"),
            None => assert!(
                matches!(first, Err(MetricError::NoAnswers { .. })),
                "{name}"
            ),
        }
        let threshold = case["threshold"].as_f64().unwrap();
        let second = squad_v2(&guesses, &references, threshold);
        match case["squad_v2"].as_object() {
            Some(expected) => {
                let found = second.unwrap();
                assert!(
                    found.iter().map(|(name, _)| name).eq(expected.keys()),
                    "{name}"
                );
                for (key, value) in found.iter() {
                    assert_eq!(Some(value), expected[key].as_f64(), "{name}: {key}");
                }
            }
            None => assert!(
                matches!(second, Err(MetricError::NoPrediction { .. })),
                "{name}"
            ),
        }
    }
}

fn batch(predictions: NamedArrays) -> EvalPrediction {
    EvalPrediction::named(predictions, NamedArrays::new())
}

/// Whatever the batches, in an evaluation and where two processes share one.
#[test]
fn a_metric_scores_the_answers_of_all_batches() {
    for case in recorded("answers") {
        let (windows, options) = (windows(&case), options(&case));
        let answers = list(&case["answers"]).iter();
        let truths = answers.map(|answer| text(&answer["text"]));
        let examples: Vec<QuestionExample> = examples(&case)
            .into_iter()
            .zip(truths)
            .map(|(example, truth)| match truth {
                "" => example,
                truth => example.answers([truth]),
            })
            .collect();
        let mut whole = SquadMetric::new(examples, windows.clone(), options);
        let mut other = whole.clone();
        assert!(
            !whole.needs_labels()
                && MetricGroup::new("one")
                    .with(whole.clone())
                    .value_names()
                    .is_some()
        );
        let cut = windows.len() / 2;
        whole.add_batch(&batch(predictions(&case, 0, cut))).unwrap();
        let mut merged = whole.clone();
        whole
            .add_batch(&batch(predictions(&case, cut, windows.len())))
            .unwrap();
        other
            .add_batch(&batch(predictions(&case, cut, windows.len())))
            .unwrap();
        merged.merge(Box::new(other)).unwrap();

        let values = whole.compute().unwrap();
        let names = values.iter().map(|(name, _)| name.to_owned());
        assert_eq!(Some(names.collect()), whole.value_names());
        assert_eq!(values, merged.compute().unwrap());
        let exact = match case["options"]["version_2_with_negative"].as_bool() {
            Some(true) => "exact",
            _ => "exact_match",
        };
        assert_eq!(values.get(exact), Some(100.0), "{}", case["name"]);
        whole.reset();
        assert!(matches!(whole.compute(), Err(MetricError::TooFew { .. })));
    }
}

#[test]
fn a_metric_gives_its_answers_to_who_asks() {
    let case = &recorded("answers")[0];
    let (sender, receiver) = std::sync::mpsc::channel();
    let examples: Vec<QuestionExample> = examples(case)
        .into_iter()
        .map(|example| example.answers(["x"]))
        .collect();
    let mut metric = SquadMetric::new(examples.clone(), windows(case), AnswerOptions::new())
        .on_answers(move |answers| sender.send(answers.clone()));
    let all = predictions(case, 0, windows(case).len());
    metric.add_batch(&batch(all.clone())).unwrap();
    metric.compute().unwrap();
    let given = receiver.recv().unwrap();
    let options = AnswerOptions::new();
    let found = postprocess_qa_predictions(&examples, &windows(case), &all, &options).unwrap();
    assert_eq!(given, found);
    let written = serde_json::to_string(&found.predictions()).unwrap();
    assert_eq!(written, r#"{"q0":".","q1":"?","q2":"。 A","q3":"the"}"#);
    assert!(found.null_odds().is_none());

    drop(receiver);
    let error = metric.compute().unwrap_err().to_string();
    assert!(error.starts_with("the metrics function failed"), "{error}");
}

#[test]
fn what_does_not_go_together_is_named() {
    let examples = [
        QuestionExample::new("q", "a b"),
        QuestionExample::new("r", "c"),
    ];
    let window = |id: &str| QuestionWindow::new(id, [None, Some((0, 1))]);
    let scores = |rows: usize| {
        let array = Array::float(&[rows, 2], vec![0.5; 2 * rows]).unwrap();
        NamedArrays::new()
            .with("start_logits", array.clone())
            .with("end_logits", array)
    };
    let post = |windows: &[QuestionWindow], scores: &NamedArrays, negative: bool| {
        let options = AnswerOptions::new().version_2_with_negative(negative);
        postprocess_qa_predictions(&examples, windows, scores, &options)
    };
    let message = |found: Result<_, MetricError>| {
        found
            .map(|_: trainer_metrics::QaPredictions| ())
            .unwrap_err()
            .to_string()
    };
    let [q, r, s] = ["q", "r", "s"].map(window);
    let both = [q.clone(), r.clone()];
    assert_eq!(
        message(post(&both, &scores(3), false)),
        "start_logits should be real values [2, tokens], a row for each window; found real values [3, 2]"
    );
    assert!(message(post(&both, &NamedArrays::new(), false)).contains("\"start_logits\""));
    assert!(
        message(post(&[q.clone(), s], &scores(2), false))
            .starts_with("window 1 is of the question \"s\"")
    );
    assert!(
        message(post(std::slice::from_ref(&q), &scores(1), true)).contains("\"r\" has no window")
    );
    let one = post(std::slice::from_ref(&q), &scores(1), false).unwrap();
    assert_eq!(one.answers[1].text, "empty");
    let twice = [QuestionExample::new("q", ""), QuestionExample::new("q", "")];
    let found = postprocess_qa_predictions(&twice, &both, &scores(2), &AnswerOptions::new());
    assert!(message(found).starts_with("questions 0 and 1 have the same id \"q\""));
}

/// Scores of a model that diverged, rows without tokens and places behind the text.
#[test]
fn broken_scores_and_places_do_not_panic() {
    let examples = [QuestionExample::new("q", "é b").answers(["b"])];
    let windows = [QuestionWindow::new(
        "q",
        [None, Some((0, 1)), Some((2, 90)), Some((7, 3))],
    )];
    for negative in [false, true] {
        for size in [0, 1, 20] {
            let options = AnswerOptions::new()
                .n_best_size(size)
                .version_2_with_negative(negative);
            let nan = Array::float(&[1, 4], vec![f32::NAN, 1.0, -0.0, f32::INFINITY]).unwrap();
            let scores = NamedArrays::new()
                .with("start_logits", nan.clone())
                .with("end_logits", nan);
            let found = postprocess_qa_predictions(&examples, &windows, &scores, &options).unwrap();
            assert!(!found.answers[0].n_best.is_empty());
        }
    }
    let none = Array::float(&[1, 0], vec![]).unwrap();
    let scores = NamedArrays::new()
        .with("start_logits", none.clone())
        .with("end_logits", none);
    let options = AnswerOptions::new();
    let found = postprocess_qa_predictions(&examples, &windows, &scores, &options).unwrap();
    assert_eq!(found.answers[0].text, "empty");
}

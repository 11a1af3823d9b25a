//! A model that answers by a part of a text is evaluated by its answers, while it trains and after.

use serde_json::Value as Json;
use trainer_core::{
    Trainer, TrainingArguments, question_examples, question_windows, save_qa_predictions, set_seed,
};
use trainer_data::{Column, Columns, Dataset, Feature, Features, Value};
use trainer_metrics::{
    AnswerOptions, Array, NamedArrays, QuestionExample, QuestionWindow, SquadMetric,
    SquadPrediction, postprocess_qa_predictions, squad,
};
use trainer_models::{AutoModelForQuestionAnswering, Model, ModelOptions, PretrainedConfig};

use crate::support::{alone, arguments};

const CONFIG: &str = r#"{
  "model_type": "bert", "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
  "intermediate_size": 32, "max_position_embeddings": 16
}"#;
const LETTERS: usize = 7;

fn model() -> Box<dyn Model> {
    set_seed(7).unwrap();
    let config = PretrainedConfig::from_json(CONFIG, "config.json").unwrap();
    AutoModelForQuestionAnswering::from_config(config, ModelOptions::new()).unwrap()
}

/// Where in its text the letter stands that answers question `row`.
fn place(row: usize) -> usize {
    row * 5 % LETTERS
}

fn context(row: usize) -> String {
    let letter = |at: usize| char::from(b'b' + ((row * 3 + at) % 25) as u8);
    (0..LETTERS).map(letter).collect()
}

/// Texts of seven letters; the answer is one of them.
fn questions(rows: usize) -> Dataset {
    let texts = Features::new().with("text", Feature::list(Feature::String));
    let feature = Feature::Struct(texts.with("answer_start", Feature::list(Feature::Int32)));
    let answers = (0..rows).map(|row| {
        let text = context(row)[place(row)..=place(row)].to_owned();
        Value::Struct(vec![
            ("text".to_owned(), Value::from(vec![text])),
            (
                "answer_start".to_owned(),
                Value::from(vec![place(row) as i64]),
            ),
        ])
    });
    let columns = Columns::new()
        .with("id", Column::ints((0..rows).map(|row| row as i64)))
        .with("context", Column::strings((0..rows).map(context)))
        .with("answers", Column::values(&feature, answers).unwrap());
    Dataset::from_columns(columns).unwrap()
}

/// Three tokens of a question, and one for each letter: another where the answer stands.
fn ids(rows: usize) -> Columns {
    let token = |row: usize, at: usize| match at == place(row) {
        true => 39,
        false => (3 + (row * 3 + at) % 25) as i64,
    };
    let row = |row: usize| -> Vec<i64> {
        let letters = (0..LETTERS).map(|at| token(row, at));
        [1, 2, 1].into_iter().chain(letters).collect()
    };
    Columns::new().with("input_ids", Column::int_lists((0..rows).map(row)))
}

fn train(rows: usize) -> Dataset {
    let places = || Column::ints((0..rows).map(|row| 3 + place(row) as i64));
    let columns = ids(rows).with("start_positions", places());
    Dataset::from_columns(columns.with("end_positions", places())).unwrap()
}

fn windows(rows: usize) -> Dataset {
    let letter = |at: i64| Value::from(vec![at, at + 1]);
    let row = |_| {
        let letters = (0..LETTERS as i64).map(letter);
        Value::List(
            [Value::Null, Value::Null, Value::Null]
                .into_iter()
                .chain(letters)
                .collect(),
        )
    };
    let feature = Feature::list(Feature::list(Feature::Int64));
    let offsets = Column::values(&feature, (0..rows).map(row)).unwrap();
    let columns = ids(rows).with("example_id", Column::ints((0..rows).map(|row| row as i64)));
    Dataset::from_columns(columns.with("offset_mapping", offsets)).unwrap()
}

fn metric(rows: usize, args: &TrainingArguments) -> SquadMetric {
    let examples = question_examples(&questions(rows)).unwrap();
    let windows = question_windows(&windows(rows)).unwrap();
    let folder = args.output_dir.clone();
    SquadMetric::new(examples, windows, AnswerOptions::new())
        .on_answers(move |answers| save_qa_predictions(answers, &folder, Some("eval")))
}

/// Rows without labels: there is no loss, the answers are scored, the best model is the one that answers best, and the file holds what
/// it answers.
#[test]
fn training_follows_the_answers() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        eval_strategy: trainer_core::IntervalStrategy::Epoch,
        save_strategy: trainer_core::SaveStrategy::Best,
        metric_for_best_model: Some("exact_match".to_owned()),
        load_best_model_at_end: true,
        learning_rate: 1e-2,
        num_train_epochs: 4.0,
        per_device_eval_batch_size: 5,
        ..arguments(folder.path())
    };
    let rows = 13;
    let mut trainer = Trainer::builder(model(), args.clone())
        .train_dataset(train(120))
        .eval_dataset(windows(rows))
        .compute_metrics(metric(rows, &args))
        .build()
        .unwrap();
    trainer.train().unwrap();
    let history = &trainer.state().log_history;
    let scores: Vec<f64> = history
        .iter()
        .filter_map(|logs| logs.get_f64("eval_exact_match"))
        .collect();
    assert_eq!(scores.len(), 4);
    let best = scores.iter().copied().fold(0.0, f64::max);
    assert!(best > 50.0, "{scores:?}");
    assert_eq!(trainer.state().best_metric, Some(best));

    let metrics = trainer.evaluate().unwrap();
    assert_eq!(metrics.get_f64("eval_exact_match"), Some(best));
    assert!(metrics.get_f64("eval_f1").is_some() && metrics.get_f64("eval_loss").is_none());
    let path = folder.path().join("eval_predictions.json");
    let written: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let predictions: Vec<SquadPrediction> = written
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, text)| SquadPrediction::new(id, text.as_str().unwrap()))
        .collect();
    let examples = question_examples(&questions(rows)).unwrap();
    let scored = squad(&predictions, &examples).unwrap();
    assert_eq!(scored.get("exact_match"), Some(best));

    let output = trainer.predict(windows(rows)).unwrap();
    let windows = question_windows(&windows(rows)).unwrap();
    let options = AnswerOptions::new();
    let found = postprocess_qa_predictions(&examples, &windows, &output.predictions, &options);
    let texts = found.unwrap().answers.into_iter().map(|answer| answer.text);
    assert!(texts.eq(predictions.into_iter().map(|one| one.prediction_text)));
}

#[test]
fn a_metric_that_is_to_be_followed_must_be_one_of_the_answers() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let args = TrainingArguments {
        eval_strategy: trainer_core::IntervalStrategy::Epoch,
        metric_for_best_model: Some("exact".to_owned()),
        ..arguments(folder.path())
    };
    let trainer = Trainer::builder(model(), args.clone())
        .train_dataset(train(8))
        .eval_dataset(windows(3))
        .compute_metrics(metric(3, &args))
        .build();
    let error = trainer
        .and_then(|mut trainer| trainer.train())
        .unwrap_err()
        .to_string();
    assert!(error.contains("eval_exact_match"), "{error}");
}

/// The files are Python's to the byte, recorded by `parity/question_answering_metrics.py`.
#[test]
fn answers_are_written_as_python_writes_them() {
    let text = include_str!("../data/question_answering.json");
    let recorded: Json = serde_json::from_str(text).unwrap();
    let score = recorded["score"].as_f64().unwrap() as f32;
    let (mut examples, mut windows) = (Vec::new(), Vec::new());
    let width = 4;
    let contexts = recorded["contexts"].as_array().unwrap();
    for (number, context) in contexts.iter().enumerate() {
        let id = format!("q{number}");
        examples.push(QuestionExample::new(id.clone(), context.as_str().unwrap()));
        let place = |place: &Json| place.as_u64().unwrap() as usize;
        let offsets = recorded["offsets"][number].as_array().unwrap();
        let offsets = offsets
            .iter()
            .map(|it| Some((place(it.get(0)?), place(&it[1]))));
        windows.push(QuestionWindow::new(id, offsets));
    }
    let scores = Array::float(
        &[contexts.len(), width],
        vec![score; contexts.len() * width],
    );
    let scores = scores.unwrap();
    let predictions = NamedArrays::new()
        .with("start_logits", scores.clone())
        .with("end_logits", scores);
    let options = AnswerOptions::new()
        .version_2_with_negative(true)
        .null_score_diff_threshold(-1.0);
    let found = postprocess_qa_predictions(&examples, &windows, &predictions, &options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    save_qa_predictions(&found, folder.path(), Some("eval")).unwrap();
    save_qa_predictions(&found, folder.path(), None).unwrap();
    for name in ["predictions", "nbest_predictions", "null_odds"] {
        for file in [format!("{name}.json"), format!("eval_{name}.json")] {
            let written = std::fs::read_to_string(folder.path().join(&file)).unwrap();
            assert_eq!(written, recorded[name].as_str().unwrap(), "{file}");
        }
    }
    let new = folder.path().join("new/folder");
    save_qa_predictions(&found, &new, None).unwrap();
    let below_a_file = new.join("predictions.json/folder");
    let error = save_qa_predictions(&found, &below_a_file, None).unwrap_err();
    assert!(
        error.to_string().contains("predictions.json/folder"),
        "{error}"
    );
}

#[test]
fn rows_that_are_no_questions_are_named() {
    let columns = Columns::new()
        .with("id", Column::floats([0.5]))
        .with("context", Column::strings(["a"]));
    let data = Dataset::from_columns(columns.clone()).unwrap();
    let error = question_examples(&data).unwrap_err().to_string();
    assert!(error.contains("row 0 of the column \"id\""), "{error}");
    let data = Dataset::from_columns(columns.with("id", Column::strings(["q"]))).unwrap();
    assert!(question_examples(&data).unwrap()[0].answers.is_empty());
    let columns = Columns::new()
        .with("example_id", Column::strings(["q"]))
        .with("offset_mapping", Column::int_lists([[1_i64, 2]]));
    let data = Dataset::from_columns(columns).unwrap();
    let error = question_windows(&data).unwrap_err().to_string();
    assert!(
        error.contains("row 0 of the column \"offset_mapping\""),
        "{error}"
    );
}

//! Data sets of questions for metrics of their answers, and the answers as files.

use std::path::Path;

use serde::Serialize;
use trainer_data::{Dataset, Value};
use trainer_metrics::{QaPredictions, QuestionExample, QuestionWindow};

use crate::{Error, Result, durable, python_json};

/// The questions of a data set with their texts and right answers, as `SquadMetric` takes them: of SQuAD's columns `id` (texts or
/// numbers) and `context`, and of `answers`, if that is there and has values, the texts.
///
/// # Errors
/// When a column is missing or a row holds something else, with the number of the row.
pub fn question_examples(dataset: &Dataset) -> Result<Vec<QuestionExample>> {
    let rows = dataset.all_rows();
    let (ids, contexts) = (rows.column("id")?, rows.column("context")?);
    let answers = match dataset.has_column("answers") {
        true => Some(rows.column("answers")?),
        false => None,
    };
    (0..rows.len())
        .map(|row| {
            let id = id(&ids.value(row)?).map_err(in_row("id", row))?;
            let example = QuestionExample::new(id, contexts.str(row)?);
            let Some(answers) = &answers else {
                return Ok(example);
            };
            let texts = texts(&answers.value(row)?).map_err(in_row("answers", row))?;
            Ok(example.answers(texts))
        })
        .collect()
}

/// The windows that `QuestionAnsweringFeatures::validation` made, as `SquadMetric` takes them: of its columns `example_id` and
/// `offset_mapping`.
///
/// # Errors
/// When a column is missing or a row holds something else, with the number of the row.
pub fn question_windows(dataset: &Dataset) -> Result<Vec<QuestionWindow>> {
    let rows = dataset.all_rows();
    let (ids, offsets) = (rows.column("example_id")?, rows.column("offset_mapping")?);
    (0..rows.len())
        .map(|row| {
            let id = id(&ids.value(row)?).map_err(in_row("example_id", row))?;
            let mapping = mapping(&offsets.value(row)?).map_err(in_row("offset_mapping", row))?;
            Ok(QuestionWindow::new(id, mapping))
        })
        .collect()
}

/// Writes what `run_qa.py` leaves of an evaluation into `output_dir`: `{prefix}_predictions.json` (an answer for each id),
/// `{prefix}_nbest_predictions.json`, and where questions may have no answer `{prefix}_null_odds.json`, as Python writes them; without
/// `prefix_` where it is `None`.
///
/// # Errors
/// When a file cannot be written.
pub fn save_qa_predictions(
    predictions: &QaPredictions,
    output_dir: &Path,
    prefix: Option<&str>,
) -> Result<()> {
    std::fs::create_dir_all(output_dir).map_err(Error::io("create", output_dir))?;
    let path = |name: &str| {
        output_dir.join(match prefix {
            Some(prefix) => format!("{prefix}_{name}.json"),
            None => format!("{name}.json"),
        })
    };
    write(&path("predictions"), &predictions.predictions())?;
    write(&path("nbest_predictions"), &predictions.n_best())?;
    match predictions.null_odds() {
        Some(odds) => write(&path("null_odds"), &odds),
        None => Ok(()),
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let value = serde_json::to_value(value).map_err(|source| Error::Json {
        path: path.to_owned(),
        source,
    })?;
    let text = python_json::in_order(&value, Some(4)) + "\n";
    durable::write(path, text.as_bytes())
}

fn in_row(column: &'static str, row: usize) -> impl Fn(String) -> Error {
    move |reason| Error::InDataset {
        dataset: "the questions".to_owned(),
        source: format!("row {row} of the column {column:?}: {reason}").into(),
    }
}

fn id(value: &Value) -> Result<String, String> {
    match value {
        Value::Str(id) => Ok(id.clone()),
        Value::Int(id) => Ok(id.to_string()),
        other => Err(format!("expected a text or a whole number, found {other}")),
    }
}

/// The texts of `{text: […], …}` or of a list of `{text, …}`; none of what is null.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    let wrong = || format!("expected `text` and `answer_start`, found {value}");
    let texts: Option<Vec<&Value>> = match value {
        Value::Null => Some(Vec::new()),
        Value::List(answers) => answers.iter().map(|answer| answer.field("text")).collect(),
        answers => {
            let texts = answers.field("text").and_then(Value::as_list);
            texts.map(|texts| texts.iter().collect())
        }
    };
    let text = |text: &Value| text.as_str().map(str::to_owned).ok_or_else(wrong);
    texts.ok_or_else(wrong)?.into_iter().map(text).collect()
}

/// A pair of places, or null, for each token.
fn mapping(value: &Value) -> Result<Vec<Option<(usize, usize)>>, String> {
    let wrong =
        |value: &Value| format!("expected begin and end of each token or null, found {value}");
    let place = |value: &Value| usize::try_from(value.as_int()?).ok();
    let pair = |value: &Value| match value {
        Value::Null => Ok(None),
        pair => match pair.as_list() {
            Some([begin, end]) => place(begin).zip(place(end)).map(Some),
            _ => None,
        }
        .ok_or_else(|| wrong(pair)),
    };
    let tokens = value.as_list().ok_or_else(|| wrong(value))?;
    tokens.iter().map(pair).collect()
}

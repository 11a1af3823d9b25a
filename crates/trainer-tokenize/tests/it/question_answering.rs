//! Rows of questions equal those of `run_qa.py`, recorded by `parity/question_answering_features.py`.

use serde_json::{Value as Json, json};
use trainer_data::{Column, Columns, Dataset, Feature, Features, MapOptions, Value};
use trainer_tokenize::{AutoTokenizer, QuestionAnsweringFeatures, Tokenizer};

use crate::support;

pub(crate) fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/question_answering.json")).unwrap()
}

fn texts<'j>(rows: &'j [Json], name: &'j str) -> impl Iterator<Item = &'j str> {
    rows.iter().map(move |row| row[name].as_str().unwrap())
}

fn answers(text: Json, answer_start: Json) -> Value {
    let list = |json: Json| {
        let values = json.as_array().unwrap().iter();
        let value = values.map(|value| match value.as_str() {
            Some(text) => Value::from(text),
            None => Value::from(value.as_i64().unwrap()),
        });
        Value::List(value.collect())
    };
    Value::Struct(vec![
        ("text".to_owned(), list(text)),
        ("answer_start".to_owned(), list(answer_start)),
    ])
}

fn answers_feature() -> Feature {
    let features = Features::new().with("text", Feature::list(Feature::String));
    Feature::Struct(features.with("answer_start", Feature::list(Feature::Int32)))
}

pub(crate) fn squad(rows: &[Json]) -> Dataset {
    let answers = rows
        .iter()
        .map(|row| answers(row["text"].clone(), row["answer_start"].clone()));
    let columns = Columns::new()
        .with("id", Column::strings(texts(rows, "id")))
        .with("question", Column::strings(texts(rows, "question")))
        .with("context", Column::strings(texts(rows, "context")))
        .with(
            "answers",
            Column::values(&answers_feature(), answers).unwrap(),
        );
    Dataset::from_columns(columns).unwrap()
}

pub(crate) fn map(
    data: &Dataset,
    features: &QuestionAnsweringFeatures,
) -> trainer_data::Result<Dataset> {
    let options = MapOptions::default().remove_columns(data.column_names());
    data.map_with(features, &options.batch_size(5))
}

pub(crate) fn json_of(data: &Dataset, name: &str) -> Json {
    let column = data.column(name).unwrap();
    let value = |value: Value| serde_json::from_str::<Json>(&value.to_string()).unwrap();
    column.iter().map(value).collect()
}

fn tokenizer(name: &str) -> Option<Tokenizer> {
    let folder = support::snapshot("models", name)?;
    Some(AutoTokenizer::from_pretrained(folder.to_str().unwrap()).unwrap())
}

#[test]
fn rows_are_those_of_pythons_script() {
    let recorded = recorded();
    let examples = recorded["examples"].as_array().unwrap();
    let data = squad(examples);
    for (name, cases) in recorded["models"].as_object().unwrap() {
        let Some(right) = tokenizer(name) else { return };
        let left = support::padded_on_the_left(&right);
        for case in cases.as_array().unwrap() {
            let tokenizer = if case["side"] == "left" {
                &left
            } else {
                &right
            };
            let number = |name: &str| usize::try_from(case[name].as_u64().unwrap()).unwrap();
            let set = |features: QuestionAnsweringFeatures| {
                features
                    .max_length(number("max_length"))
                    .stride(number("stride"))
                    .pad_to_max_length(case["pad"].as_bool().unwrap())
                    .python_positions(true)
            };
            let train = map(&data, &set(QuestionAnsweringFeatures::training(tokenizer)));
            let validation = map(
                &data,
                &set(QuestionAnsweringFeatures::validation(tokenizer)),
            );
            let (train, validation) = (train.unwrap(), validation.unwrap());
            for (key, expected) in case["rows"].as_object().unwrap() {
                let made: Vec<Json> = [&train, &validation]
                    .into_iter()
                    .filter(|data| data.has_column(key))
                    .map(|data| json_of(data, key))
                    .collect();
                assert!(!made.is_empty(), "{key}");
                for made in made {
                    assert_eq!(
                        made, *expected,
                        "{name}: {key} of {}, {} tokens",
                        case["side"], case["max_length"]
                    );
                }
            }
        }
    }
}

/// Where Python's script leaves the text, the answer begins in the last token of the window.
#[test]
fn an_answer_in_the_last_token_of_a_window_begins_there() {
    let Some(tokenizer) = tokenizer("sentence-transformers/all-MiniLM-L6-v2") else {
        return;
    };
    let examples = recorded()["examples"].as_array().unwrap().clone();
    let data = squad(&examples);
    let features = QuestionAnsweringFeatures::training(&tokenizer)
        .max_length(22)
        .stride(4);
    let rows = map(&data, &features).unwrap();
    let python = map(&data, &features.clone().python_positions(true)).unwrap();
    let mut differ = 0;
    for (ours, python) in rows.iter().zip(python.iter()) {
        let place = |row: &trainer_data::Row<'_>, name: &str| row.int(name).unwrap();
        let (start, end) = (
            place(&ours, "start_positions"),
            place(&ours, "end_positions"),
        );
        assert_eq!(end, place(&python, "end_positions"));
        assert!(start <= end, "{start}, {end}");
        let theirs = place(&python, "start_positions");
        if start != theirs {
            let last = ours.int_list("input_ids").unwrap().len() as i64 - 1;
            assert_eq!(
                (theirs, start),
                (last, last - 1),
                "the [SEP], the last token of the text"
            );
            differ += 1;
        }
    }
    assert!(differ > 0);
}

fn checksum(numbers: impl IntoIterator<Item = i64>) -> i64 {
    numbers
        .into_iter()
        .fold(0, |total, number| (total * 31 + number) % 1_000_003)
}

#[test]
fn a_real_data_set_gives_pythons_rows() {
    let recorded = recorded();
    let Some(folder) = support::snapshot("datasets", "google/xquad") else {
        return;
    };
    let Some(tokenizer) = tokenizer("sentence-transformers/all-MiniLM-L6-v2") else {
        return;
    };
    let splits = trainer_data::load_dataset(folder.to_str().unwrap(), "xquad.en").unwrap();
    for case in recorded["xquad"]["cases"].as_array().unwrap() {
        let number = |name: &str| usize::try_from(case[name].as_u64().unwrap()).unwrap();
        let all = |features: QuestionAnsweringFeatures| {
            let features = features
                .max_length(number("max_length"))
                .stride(number("stride"))
                .python_positions(true);
            ["train", "validation"].map(|split| map(&splits[split], &features).unwrap())
        };
        let train = all(QuestionAnsweringFeatures::training(&tokenizer));
        let numbers = |name: &str| {
            let columns = train.each_ref().map(|data| data.column(name).unwrap());
            let values = columns
                .iter()
                .flat_map(|column| column.iter().collect::<Vec<_>>());
            checksum(values.map(|value| value.as_int().unwrap()))
        };
        assert_eq!(
            train.iter().map(Dataset::num_rows).sum::<usize>(),
            number("rows")
        );
        assert_eq!(json!(numbers("start_positions")), case["starts"]);
        assert_eq!(json!(numbers("end_positions")), case["ends"]);
        let ids = train.iter().flat_map(Dataset::iter);
        let ids = ids.flat_map(|row| row.int_list("input_ids").unwrap());
        assert_eq!(json!(checksum(ids)), case["ids"]);
        let validation = all(QuestionAnsweringFeatures::validation(&tokenizer));
        let offsets = validation.iter().flat_map(Dataset::iter).flat_map(|row| {
            let value = row.get("offset_mapping").unwrap();
            let place = |value: &Value| match value.as_list() {
                Some(pair) => pair[0].as_int().unwrap() * 7 + pair[1].as_int().unwrap(),
                None => 0,
            };
            value
                .as_list()
                .unwrap()
                .iter()
                .map(place)
                .collect::<Vec<_>>()
        });
        assert_eq!(json!(checksum(offsets)), case["offsets"]);
    }
}

/// A data set of one row with these answers.
fn one(feature: &Feature, answers: Value) -> Dataset {
    let columns = Columns::new()
        .with("id", Column::ints([7]))
        .with("question", Column::strings(["who"]))
        .with("context", Column::strings(["they go there"]))
        .with("answers", Column::values(feature, [answers]).unwrap());
    Dataset::from_columns(columns).unwrap()
}

#[test]
fn bad_answers_are_named_by_row_and_column() {
    let Some(tokenizer) = tokenizer("google-bert/bert-base-cased") else {
        return;
    };
    let features = QuestionAnsweringFeatures::training(&tokenizer);
    let error = |data: &Dataset, features: &QuestionAnsweringFeatures| {
        map(data, features).unwrap_err().to_string()
    };
    let feature = answers_feature();
    let fewer = one(&feature, answers(json!(["they", "go"]), json!([0])));
    assert_eq!(
        error(&fewer, &features),
        "map of rows 0 to 0: row 0 of the column \"answers\": `text` has 2 answers and `answer_start` 1: each answer needs its place"
    );
    let missing = error(&one(&feature, Value::Null), &features);
    assert!(
        missing.contains("row 0 of the column \"answers\": expected `text`"),
        "{missing}"
    );
    let text = one(&Feature::String, Value::from("they"));
    assert!(error(&text, &features).contains("row 0 of the column \"answers\""));
    let renamed = error(&fewer, &features.clone().context("article"));
    assert!(
        renamed.contains("\"article\"") && renamed.contains("context"),
        "{renamed}"
    );
    let wide = error(&fewer, &features.clone().stride(500));
    assert!(
        wide.contains("row 0") && wide.contains("overlap by 500"),
        "{wide}"
    );
    let long = error(&fewer, &features.clone().max_length(4).stride(0));
    assert!(long.contains("cannot truncate to 4 tokens"), "{long}");
    let left = QuestionAnsweringFeatures::training(&support::padded_on_the_left(&tokenizer));
    assert!(error(&fewer, &left).contains("pad_to_max_length"));
    let empty = one(&feature, answers(json!([""]), json!([0])));
    assert!(map(&empty, &features).is_ok());
    assert!(error(&empty, &features.python_positions(true)).contains("the answer is empty"));
}

/// The form of SQuAD's own files, and questions that are numbered.
#[test]
fn answers_may_be_a_list_and_names_numbers() {
    let Some(tokenizer) = tokenizer("google-bert/bert-base-cased") else {
        return;
    };
    let features = Features::new().with("text", Feature::String);
    let feature = Feature::list(Feature::Struct(
        features.with("answer_start", Feature::Int64),
    ));
    let answer = Value::Struct(vec![
        ("text".to_owned(), Value::from("go")),
        ("answer_start".to_owned(), Value::from(5)),
    ]);
    let data = one(&feature, Value::List(vec![answer]));
    let train = map(&data, &QuestionAnsweringFeatures::training(&tokenizer)).unwrap();
    assert_eq!(train.row(0).unwrap().int("start_positions").unwrap(), 4);
    let validation = map(&data, &QuestionAnsweringFeatures::validation(&tokenizer)).unwrap();
    assert_eq!(validation.row(0).unwrap().int("example_id").unwrap(), 7);
    let none = one(&feature, Value::List(vec![]));
    let train = map(&none, &QuestionAnsweringFeatures::training(&tokenizer)).unwrap();
    assert_eq!(train.row(0).unwrap().int("end_positions").unwrap(), 0);
}

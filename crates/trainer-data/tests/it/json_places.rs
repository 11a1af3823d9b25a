//! Files that are not JSON: an error with the place, and never half of the rows.

use std::fs;

use proptest::{collection::vec, prelude::*};
use serde_json::Value as Json;
use trainer_data::load_dataset;

use crate::support::described;

/// The rows of a file with this text, or the message without its folder.
fn load(name: &str, text: &str) -> Result<Json, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    match load_dataset(path.to_str().unwrap(), None) {
        Ok(data) => Ok(described(&data)["train"]["rows"].clone()),
        Err(error) => Err(error.to_string().rsplit_once('/').unwrap().1.to_owned()),
    }
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (text, place, what) in [
        (
            "[{\"a\":1}] garbage",
            "1: not JSON at column 11",
            "expected the end of the file, found 'g'",
        ),
        (
            "[{\"a\":1}],[{\"a\":2}]",
            "1: not JSON at column 10",
            "expected the end of the file, found ','",
        ),
        (
            "[{\"a\":1}\n{\"a\":2}]",
            "2: not JSON at column 1",
            "expected ',' or ']', found '{'",
        ),
        (
            "[{\"a\":1},,{\"a\":2}]",
            "1: not JSON at column 10",
            "expected a value, found ','",
        ),
        (
            "[{\"a\":1},]",
            "1: not JSON at column 10",
            "expected a value, found ']'",
        ),
        (
            "[{\"a\":1}",
            "1: not JSON at column 9",
            "expected ',' or ']', found the end",
        ),
        (
            "[\n {\"a\": 1},\n {\"é\" 2}\n]",
            "3: not JSON at column 7",
            "expected `:`",
        ),
        (
            "[\"é\", {\"a\": 1}é]",
            "1: not JSON at column 15",
            "expected ',' or ']', found 'é'",
        ),
        (
            "[{\"a\": [1}]",
            "1: not JSON at column 10",
            "expected `,` or `]`",
        ),
        (
            "{\"a\":1},\n{\"a\":2}",
            "1: not JSON at column 8",
            "expected a value, found ','",
        ),
        (
            "{\"a\":1}\n\n{\"a\":1} x",
            "3: not JSON at column 9",
            "expected value",
        ),
        (
            "{\"a\":1\n{\"a\":2}\n",
            "2: not JSON at column 1",
            "expected `,` or `}`",
        ),
        (
            "{\"a\":\"x\n\"}",
            "1: not JSON at column 7",
            "EOF while parsing a string",
        ),
        ("5", "1: a row must be a JSON object", ""),
        (
            "[{\"a\": NaN, \"b\" 1}]",
            "1: not JSON at column 8",
            "expected value",
        ),
    ] {
        for name in ["a.json", "a.jsonl"] {
            let message = load(name, text).unwrap_err();
            assert!(
                message.starts_with(&format!("{name}, line {place}")),
                "{text}: {message}"
            );
            assert!(message.contains(what), "{text}: {message}");
        }
    }
}

#[test]
fn rows_without_columns_are_not_lost() {
    let message = load("a.json", "[{}, {}]").unwrap_err();
    assert_eq!(message, "a.json: none of its 2 rows has a column");
}

fn row() -> impl Strategy<Value = Json> {
    let text = "[a-c\\[\\]{}\",:\\\\é\n ]{0,6}";
    let value = prop_oneof![
        any::<i32>().prop_map(Json::from),
        text.prop_map(Json::from),
        vec(text, 0..3).prop_map(Json::from),
    ];
    (any::<i8>(), value)
        .prop_map(|(n, value)| serde_json::json!({"n": n, "v": [value.to_string()]}))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// A text is read as a parser of whole files reads it, or refused where that one refuses it.
    #[test]
    fn an_array_is_what_serde_takes_it_for(rows in vec(row(), 1..5), pretty: bool, change in any::<(bool, prop::sample::Index, prop::sample::Index)>()) {
        let mut text = match pretty {
            true => serde_json::to_string_pretty(&rows),
            false => serde_json::to_string(&rows),
        }.unwrap();
        if change.0 {
            let marks: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let (at, other) = (*change.1.get(&marks), ['[', ']', '{', '}', ',', ':', '"', ' ', '\\', '1', '\n'][change.2.index(11)]);
            let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            text.replace_range(at..end, &other.to_string());
        }
        let read = load("a.json", &text);
        match serde_json::from_str::<Json>(&text) {
            Ok(Json::Array(expected)) => {
                if let Ok(read) = read {
                    prop_assert_eq!(read.as_array().unwrap().len(), expected.len());
                    for (read, expected) in read.as_array().unwrap().iter().zip(&expected) {
                        if let Some(n) = expected["n"].as_i64() {
                            prop_assert_eq!(read["n"].as_i64(), Some(n));
                        }
                        prop_assert!(expected["v"].is_null() || read["v"] == expected["v"]);
                    }
                } else {
                    // Only what has no type: rows that are no objects, or columns of several types.
                    prop_assert!(change.0, "{:?}", read);
                }
            }
            _ => prop_assert!(read.is_err(), "{text}: {read:?}"),
        }
    }
}

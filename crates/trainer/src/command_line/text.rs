//! From the text of a flag to a value.

use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use serde_json::{Map, Value};
use trainer_core::{ArgumentField, ArgumentKind};

/// Reads the text that follows the flag of `field`.
pub(super) fn value_parser(field: ArgumentField) -> ValueParser {
    if let (ArgumentKind::Choice(names), false) = (field.kind, field.optional) {
        return PossibleValuesParser::new(names).map(Value::from).into();
    }
    let read = move |text: &str| -> Result<Value, String> {
        if field.optional && matches!(text, "None" | "null") {
            return Ok(Value::Null);
        }
        read(field.kind, text).map_err(|detail| {
            let none = if field.optional { ", or None" } else { "" };
            format!("must be {}{none}{detail}", field.kind.describe())
        })
    };
    ValueParser::from(read)
}

/// The value, or what to add to the words that name the kind.
fn read(kind: ArgumentKind, text: &str) -> Result<Value, String> {
    let plain = |value: Option<Value>| value.ok_or_else(String::new);
    match kind {
        ArgumentKind::Bool => plain(boolean(text).map(Value::from)),
        ArgumentKind::Int => plain(text.parse::<i64>().ok().map(Value::from)),
        ArgumentKind::Count => plain(text.parse::<u64>().ok().map(Value::from)),
        ArgumentKind::Float => plain(finite(text).map(Value::from)),
        ArgumentKind::Choice(names) => plain(
            names
                .iter()
                .find(|name| **name == text)
                .map(|name| Value::from(*name)),
        ),
        ArgumentKind::Object => object(text).map(Value::Object),
        ArgumentKind::ObjectOrText if text.starts_with('{') => object(text).map(Value::Object),
        _ => Ok(Value::from(text)),
    }
}

/// As Python's parser: yes, true, t, y, 1 and their opposites, in capitals or not.
fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "t" | "y" | "1" => Some(true),
        "no" | "false" | "f" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    let mut map: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!(": {error}"))?;
    map.values_mut().for_each(untext);
    Ok(map)
}

/// Texts inside an object that are booleans or numbers become such, as Python does with what a shell passes on.
fn untext(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(untext),
        Value::String(text) => {
            let digits =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if let lower @ ("true" | "false") = text.to_lowercase().as_str() {
                *value = Value::from(lower == "true");
            } else if digits(&text.replacen('.', "", 1))
                && let Ok(number) = serde_json::from_str(text)
            {
                *value = Value::Number(number);
            }
        }
        _ => {}
    }
}

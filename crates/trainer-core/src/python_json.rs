//! JSON as Python's `json.dumps(..., indent=…, sort_keys=True)` writes it: floats as `repr`, `NaN` and `Infinity` allowed.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::number::Number;

/// `value` with sorted keys, `indent` spaces a level and no newline at the end.
pub(crate) fn to_string(value: &impl Serialize, indent: usize) -> serde_json::Result<String> {
    let mut text = String::new();
    write(&mut text, &serde_json::to_value(value)?, indent, 0)?;
    Ok(text)
}

/// Reads what Python or [`to_string`] wrote.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(&quote_non_finite(text))
}

fn write(text: &mut String, value: &Value, indent: usize, depth: usize) -> serde_json::Result<()> {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let open = |text: &mut String, at: usize| {
                text.push_str(if at == 0 { "{" } else { "," });
                new_line(text, indent, depth + 1);
            };
            for (at, key) in keys.into_iter().enumerate() {
                open(text, at);
                text.push_str(&serde_json::to_string(key)?);
                text.push_str(": ");
                write(text, &map[key], indent, depth + 1)?;
            }
            new_line(text, indent, depth);
            text.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "[" } else { "," });
                new_line(text, indent, depth + 1);
                write(text, item, indent, depth + 1)?;
            }
            new_line(text, indent, depth);
            text.push(']');
        }
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or(f64::NAN);
            text.push_str(&Number::Float(float).to_string());
        }
        Value::String(string) if is_non_finite(string) => text.push_str(string),
        other => text.push_str(&serde_json::to_string(other)?),
    }
    Ok(())
}

fn new_line(text: &mut String, indent: usize, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent * depth));
}

fn is_non_finite(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}

/// Puts `NaN`, `Infinity` and `-Infinity` outside strings in quotes, which [`Number`] reads.
fn quote_non_finite(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let mut in_string = false;
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let word = ["NaN", "Infinity", "-Infinity"]
            .into_iter()
            .find(|word| !in_string && rest.starts_with(word));
        let taken = if let Some(word) = word {
            quoted.push('"');
            quoted.push_str(word);
            quoted.push('"');
            word.len()
        } else if in_string && next == '\\' {
            let escape: String = rest.chars().take(2).collect();
            quoted.push_str(&escape);
            escape.len()
        } else {
            in_string ^= next == '"';
            quoted.push(next);
            next.len_utf8()
        };
        rest = &rest[taken..];
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::{from_str, to_string};
    use crate::Logs;

    #[test]
    fn keys_are_sorted_and_floats_are_pythons() -> serde_json::Result<()> {
        let value = serde_json::json!({"b": [1, 5e-5], "a": {}, "c": []});
        let text = to_string(&value, 2)?;
        assert_eq!(
            text,
            "{\n  \"a\": {},\n  \"b\": [\n    1,\n    5e-05\n  ],\n  \"c\": []\n}"
        );
        Ok(())
    }

    #[test]
    fn non_finite_values_survive() -> serde_json::Result<()> {
        let logs = Logs::new()
            .with("loss", f64::INFINITY)
            .with("grad_norm", f64::NAN);
        let text = to_string(&logs, 2)?;
        assert!(text.contains("\"grad_norm\": NaN"), "{text}");
        let read: Logs = from_str(&text)?;
        assert_eq!(read.get_f64("loss"), Some(f64::INFINITY));
        assert!(read.get_f64("grad_norm").is_some_and(f64::is_nan));
        Ok(())
    }

    #[test]
    fn words_inside_strings_are_left_alone() -> serde_json::Result<()> {
        let text = r#"{"run": "NaN \" Infinity"}"#;
        let read: serde_json::Value = from_str(text)?;
        assert_eq!(read["run"], "NaN \" Infinity");
        Ok(())
    }
}

//! JSON as Python's `json.dumps` writes it: floats as `repr`, `NaN` and `Infinity` allowed, all that is not ASCII as `\u`.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::number::Number;

/// `value` with sorted keys, `indent` spaces a level and no newline at the end, as
/// `json.dumps(value, indent=indent, sort_keys=True)`. A [`Number`] that is not finite is written as such.
pub(crate) fn to_string(value: &impl Serialize, indent: usize) -> serde_json::Result<String> {
    let layout = Layout {
        indent: Some(indent),
        sort_keys: true,
        holds_numbers: true,
    };
    Ok(layout.text(&serde_json::to_value(value)?))
}

/// `value` with its keys in their order, as `json.dumps(value, indent=indent)`: without `indent` on one line.
pub(crate) fn in_order(value: &Value, indent: Option<usize>) -> String {
    let layout = Layout {
        indent,
        sort_keys: false,
        holds_numbers: false,
    };
    layout.text(value)
}

/// Reads what Python or [`to_string`] wrote.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(&quote_non_finite(text))
}

struct Layout {
    indent: Option<usize>,
    sort_keys: bool,
    /// Whether the strings `NaN`, `Infinity` and `-Infinity` are numbers, as [`Number`] is serialised.
    holds_numbers: bool,
}

impl Layout {
    fn text(&self, value: &Value) -> String {
        let mut text = String::new();
        self.write(&mut text, value, 0);
        text
    }

    fn write(&self, text: &mut String, value: &Value, depth: usize) {
        match value {
            Value::Object(map) => {
                let mut entries: Vec<(&String, &Value)> = map.iter().collect();
                if self.sort_keys {
                    entries.sort_by_key(|(key, _)| *key);
                }
                self.list(text, ['{', '}'], &entries, depth, |text, (key, item)| {
                    push_ascii(text, &Value::from(key.as_str()));
                    text.push_str(": ");
                    self.write(text, item, depth + 1);
                });
            }
            Value::Array(items) => {
                self.list(text, ['[', ']'], items, depth, |text, item| {
                    self.write(text, item, depth + 1);
                });
            }
            Value::Number(number) if number.is_f64() => {
                let float = number.as_f64().unwrap_or(f64::NAN);
                text.push_str(&Number::Float(float).to_string());
            }
            Value::String(string) if self.holds_numbers && is_non_finite(string) => {
                text.push_str(string);
            }
            other => push_ascii(text, other),
        }
    }

    /// `items` between two brackets, each written by `write`.
    fn list<T>(
        &self,
        text: &mut String,
        [open, close]: [char; 2],
        items: &[T],
        depth: usize,
        write: impl Fn(&mut String, &T),
    ) {
        text.push(open);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push_str(if self.indent.is_some() { "," } else { ", " });
            }
            self.new_line(text, depth + 1);
            write(text, item);
        }
        if !items.is_empty() {
            self.new_line(text, depth);
        }
        text.push(close);
    }

    fn new_line(&self, text: &mut String, depth: usize) {
        if let Some(indent) = self.indent {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent * depth));
        }
    }
}

/// A plain value, what is not printable ASCII as `\u` and its UTF-16 units, as Python's `ensure_ascii` does.
fn push_ascii(text: &mut String, value: &Value) {
    for character in value.to_string().chars() {
        if matches!(character, ' '..='~') {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
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
    use super::{from_str, in_order, to_string};
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

    // Expected: json.dumps({"b": [1, "ä\"\n😀"], "a": {}}).
    #[test]
    fn in_order_on_one_line_all_is_ascii() {
        let value = serde_json::json!({"b": [1, "ä\"\n😀"], "a": {}});
        assert_eq!(
            in_order(&value, None),
            r#"{"b": [1, "\u00e4\"\n\ud83d\ude00"], "a": {}}"#
        );
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

//! The filter `tojson` of templates: Python's `json.dumps`, which escapes no HTML and, unless told to, nothing outside of ASCII.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, State, Value};
use trainer_data::python_text;

/// The widest indent.
const MOST_INDENT: usize = 64;

/// `value` as JSON; `options` are those of `json.dumps` that transformers passes on.
pub(super) fn tojson(
    state: &State<'_, '_>,
    value: &Value,
    options: Kwargs,
) -> Result<String, Error> {
    let indent = options.get::<Option<Value>>("indent")?;
    let indent = indent.filter(|indent| !indent.is_none() && !indent.is_undefined());
    let indent = indent.map(|indent| read_indent(&indent)).transpose()?;
    let separators = options.get::<Option<Vec<String>>>("separators")?;
    let (item, key) = match separators.as_deref() {
        None => (if indent.is_some() { "," } else { ", " }, ": "),
        Some([item, key]) => (item.as_str(), key.as_str()),
        Some(_) => return Err(refused("separators of JSON are two texts")),
    };
    let mut writer = Writer {
        state,
        ensure_ascii: options
            .get::<Option<bool>>("ensure_ascii")?
            .unwrap_or(false),
        sort_keys: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
        indent,
        item,
        key,
        out: String::new(),
    };
    options.assert_all_used()?;
    writer.value(value, 0)?;
    Ok(writer.out)
}

fn read_indent(indent: &Value) -> Result<String, Error> {
    if let Some(text) = indent.as_str() {
        return Ok(text.chars().take(MOST_INDENT).collect());
    }
    match indent.as_i64() {
        Some(width) if width <= MOST_INDENT as i64 => {
            Ok(" ".repeat(usize::try_from(width).unwrap_or(0)))
        }
        _ => Err(refused(
            "an indent of JSON is a text, or a number of at most 64",
        )),
    }
}

fn refused(detail: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

struct Writer<'w, 's, 'e> {
    state: &'w State<'s, 'e>,
    ensure_ascii: bool,
    sort_keys: bool,
    indent: Option<String>,
    item: &'w str,
    key: &'w str,
    out: String,
}

impl Writer<'_, '_, '_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        self.state.consume_fuel(1)?;
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self
                .out
                .push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.out.push_str(&number(value)),
            ValueKind::String => self.string(value.as_str().unwrap_or_default())?,
            ValueKind::Seq | ValueKind::Iterable => {
                let values: Vec<Value> = value.try_iter()?.collect();
                self.list(("[", "]"), values, depth, |writer, value| {
                    writer.value(&value, depth + 1)
                })?;
            }
            ValueKind::Map => {
                let mut fields = Vec::new();
                for key in value.try_iter()? {
                    fields.push((name(&key)?, value.get_item(&key)?));
                }
                if self.sort_keys {
                    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                }
                self.list(("{", "}"), fields, depth, |writer, (name, value)| {
                    writer.string(&name)?;
                    writer.out.push_str(writer.key);
                    writer.value(&value, depth + 1)
                })?;
            }
            kind => {
                let detail = format!("{kind} is no value of JSON");
                return Err(Error::new(ErrorKind::BadSerialization, detail));
            }
        }
        Ok(())
    }

    fn list<T>(
        &mut self,
        brackets: (&str, &str),
        items: Vec<T>,
        depth: usize,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_empty = items.is_empty();
        self.out.push_str(brackets.0);
        for (k, item) in items.into_iter().enumerate() {
            if k > 0 {
                self.out.push_str(self.item);
            }
            self.line(depth + 1)?;
            write(self, item)?;
        }
        if !is_empty {
            self.line(depth)?;
        }
        self.out.push_str(brackets.1);
        Ok(())
    }

    fn line(&mut self, depth: usize) -> Result<(), Error> {
        if let Some(indent) = &self.indent {
            let bytes = indent.len().saturating_mul(depth);
            self.state.consume_fuel(bytes as u64 / 64)?;
            self.out.push('\n');
            self.out.push_str(&indent.repeat(depth));
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<(), Error> {
        self.state.consume_fuel(text.len() as u64 / 16)?;
        self.out.push('"');
        for char in text.chars() {
            match char {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                char if char < ' '
                    || (self.ensure_ascii && (!char.is_ascii() || char == '\u{7f}')) =>
                {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                char => self.out.push(char),
            }
        }
        self.out.push('"');
        Ok(())
    }
}

/// A number as Python writes it.
fn number(value: &Value) -> String {
    if value.is_integer() {
        return value.to_string();
    }
    match f64::try_from(value.clone()) {
        Ok(float) if float.is_nan() => "NaN".to_owned(),
        Ok(float) if float.is_infinite() => {
            if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        Ok(float) => python_text::float(float),
        Err(_) => value.to_string(),
    }
}

/// A key as Python makes a text of it.
fn name(key: &Value) -> Result<String, Error> {
    match key.kind() {
        ValueKind::String => Ok(key.as_str().unwrap_or_default().to_owned()),
        ValueKind::Number => Ok(number(key)),
        ValueKind::Bool => Ok(if key.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::None => Ok("null".to_owned()),
        _ => Err(refused(
            "keys of JSON are texts, numbers, truth values or none",
        )),
    }
}

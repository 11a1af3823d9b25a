use std::io::Write;

use serde_json::Value as Json;

use crate::{Feature, Value, column::Reader, python_text};

/// How values are written as JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Whether characters that are not ASCII are written by their numbers, and slashes behind a backslash, as pandas does.
    pub(super) force_ascii: bool,
}

impl Style {
    /// Adds the value at `at`.
    ///
    /// # Errors
    /// Says which bytes are no text.
    pub(super) fn value(
        self,
        out: &mut Vec<u8>,
        reader: &Reader<'_>,
        feature: &Feature,
        at: usize,
    ) -> Result<(), String> {
        if reader.is_null(at) {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match (reader, feature) {
            (Reader::Str(texts), Feature::Json) => self.json(out, texts.value(at)),
            (Reader::Str(texts), _) => self.text(out, texts.value(at)),
            (Reader::Bytes(bytes), _) => match std::str::from_utf8(bytes.value(at)) {
                Ok(text) => self.text(out, text),
                Err(_) => {
                    let found = Value::Bytes(bytes.value(at).to_vec()).excerpt();
                    return Err(format!("expected bytes that are UTF-8, found {found}"));
                }
            },
            (Reader::Float32(values), _) => {
                let value = values.value(at);
                number(out, value.is_finite(), &python_text::float32(value));
            }
            (Reader::Float64(values), _) => {
                let value = values.value(at);
                number(out, value.is_finite(), &python_text::float(value));
            }
            (Reader::Quantity(quantity, counts), _) => {
                self.text(out, &quantity.written(counts.value(at)));
            }
            (Reader::List(lists, values), Feature::List(element)) => {
                let range = lists.range(at);
                out.push(b'[');
                for place in range.clone() {
                    if place > range.start {
                        out.push(b',');
                    }
                    self.value(out, values, element, place)?;
                }
                out.push(b']');
            }
            (Reader::Struct(_, fields), Feature::Struct(features)) => {
                let fields = fields.iter().zip(features.iter());
                let fields =
                    fields.map(|((name, reader), (_, feature))| (*name, reader, feature, at));
                self.object(out, fields)?;
            }
            (reader, _) => {
                let _ = write!(out, "{}", reader.value(at));
            }
        }
        Ok(())
    }

    /// Adds an object of fields: their names, and where their values are.
    ///
    /// # Errors
    /// As [`Self::value`], with the field's name.
    pub(super) fn object<'r, 'a: 'r>(
        self,
        out: &mut Vec<u8>,
        fields: impl Iterator<Item = (&'r str, &'r Reader<'a>, &'r Feature, usize)>,
    ) -> Result<(), String> {
        out.push(b'{');
        for (place, (name, reader, feature, at)) in fields.enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.text(out, name);
            out.push(b':');
            let written = self.value(out, reader, feature, at);
            written.map_err(|message| format!("{name:?}: {message}"))?;
        }
        out.push(b'}');
        Ok(())
    }

    fn text(self, out: &mut Vec<u8>, text: &str) {
        out.push(b'"');
        for found in text.chars() {
            match found {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\u{8}' => out.extend_from_slice(b"\\b"),
                '\u{c}' => out.extend_from_slice(b"\\f"),
                '/' => out.extend_from_slice(b"\\/"),
                found if found < ' ' => escaped(out, found),
                found => self.character(out, found),
            }
        }
        out.push(b'"');
    }

    /// Adds what is JSON already; what is not, is a text.
    fn json(self, out: &mut Vec<u8>, text: &str) {
        if serde_json::from_str::<Json>(text).is_err() {
            return self.text(out, text);
        }
        for found in text.chars() {
            match found {
                // Within texts of JSON they cannot be.
                '\n' | '\r' => out.push(b' '),
                found => self.character(out, found),
            }
        }
    }

    fn character(self, out: &mut Vec<u8>, found: char) {
        if self.force_ascii && !found.is_ascii() {
            return escaped(out, found);
        }
        out.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn escaped(out: &mut Vec<u8>, found: char) {
    for unit in found.encode_utf16(&mut [0; 2]) {
        // Writing to memory does not fail.
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// Adds a number; JSON has none that are not finite.
fn number(out: &mut Vec<u8>, is_finite: bool, written: &str) {
    let written = if is_finite { written } else { "null" };
    out.extend_from_slice(written.as_bytes());
}

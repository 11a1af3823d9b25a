use std::borrow::Cow;

use serde_json::Value as Json;

/// How deep in brackets and quotes a text is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nesting {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether a value in brackets ends with `byte`.
    pub(crate) fn see(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' => self.quoted = !self.quoted,
            b'[' | b'{' if !self.quoted => self.depth += 1,
            b']' | b'}' if !self.quoted => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// Whether it is in brackets, and not in a text, in which a line cannot end.
    pub(crate) fn goes_on(&self) -> bool {
        self.depth > 0 && !self.quoted
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The text with a blank for the sign of each whole `-0`, which `serde_json` would take for a floating-point number.
pub(crate) fn without_signed_zeros(text: &str) -> Cow<'_, str> {
    if !text.contains("-0") {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let (mut quoted, mut escaped) = (false, false);
    let mut out = String::new();
    let mut kept = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'-' if !quoted && bytes.get(at + 1) == Some(&b'0') => {
                let is_exponent = at > 0 && matches!(bytes[at - 1], b'e' | b'E');
                let goes_on = |next: &u8| next.is_ascii_digit() || b".eE".contains(next);
                if !is_exponent && !bytes.get(at + 2).is_some_and(goes_on) {
                    out += &text[kept..at];
                    out.push(' ');
                    kept = at + 1;
                }
            }
            _ => {}
        }
    }
    match kept {
        0 => Cow::Borrowed(text),
        kept => Cow::Owned(out + &text[kept..]),
    }
}

/// What stands for numbers that JSON has no form for, once a text was made JSON by [`with_special`]. They begin with
/// U+10FFFF, which stands for no character.
const SPECIAL: [(&str, &str, f64); 3] = [
    ("NaN", "\u{10ffff}NaN", f64::NAN),
    ("Infinity", "\u{10ffff}Infinity", f64::INFINITY),
    ("-Infinity", "\u{10ffff}-Infinity", f64::NEG_INFINITY),
];

/// The number that a text of parsed JSON stands for, if it does.
pub(crate) fn special(text: &str) -> Option<f64> {
    let mut all = SPECIAL.iter();
    all.find(|(_, mark, _)| *mark == text)
        .map(|(.., value)| *value)
}

/// Parsed JSON as text again.
pub(crate) fn written(value: &Json) -> String {
    let mut text = value.to_string();
    for (name, mark, _) in SPECIAL {
        if text.contains(mark) {
            text = text.replace(&format!("\"{mark}\""), name);
        }
    }
    text
}

/// The text with marks for bare `NaN`, `Infinity` and `-Infinity`, or null for the first where `nan_is_null`; nothing if
/// there are none.
pub(crate) fn with_special(text: &str, nan_is_null: bool) -> Option<String> {
    let mut quoted = false;
    let mut escaped = false;
    let mut kept = 0;
    let mut out = String::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'N' | b'I' | b'-' if !quoted && at >= kept => {
                let rest = &text[at..];
                // The sign of a NaN says nothing.
                let signed = usize::from(rest.starts_with("-NaN"));
                let mut names = SPECIAL.iter();
                let Some((name, mark, _)) =
                    names.find(|(name, ..)| rest[signed..].starts_with(name))
                else {
                    continue;
                };
                out += &text[kept..at];
                match nan_is_null && *name == "NaN" {
                    true => out += "null",
                    false => {
                        out.push('"');
                        out += mark;
                        out.push('"');
                    }
                }
                kept = at + signed + name.len();
            }
            _ => {}
        }
    }
    (kept > 0).then(|| out + &text[kept..])
}

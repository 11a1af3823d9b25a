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

/// The text as `serde_json` reads it with all whole numbers as they stand, which has no `-0` and none of more than 64 bits: with a
/// blank for the sign of each whole `-0`, and a text that [`special`] knows for each long number.
pub(crate) fn with_whole_numbers(text: &str) -> Cow<'_, str> {
    if !text.contains("-0") && !may_have_long_numbers(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let (mut quoted, mut escaped) = (false, false);
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let begin = at;
        at += 1;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'-' | b'0'..=b'9' if !quoted => {
                let goes_on = |byte: &&u8| byte.is_ascii_digit() || b".eE+-".contains(byte);
                at += bytes[at..].iter().take_while(goes_on).count();
                let number = &text[begin..at];
                let replaced = match number {
                    "-0" => " 0".to_owned(),
                    number if is_long(number) => format!("\"{MARK}{number}\""),
                    _ => continue,
                };
                out += &text[kept..begin];
                out += &replaced;
                kept = at;
            }
            _ => {}
        }
    }
    match kept {
        0 => Cow::Borrowed(text),
        kept => Cow::Owned(out + &text[kept..]),
    }
}

/// How many digits all whole numbers of more than 64 bits have.
const DIGITS: usize = 19;

/// Whether so many digits may stand behind each other: one of them then is at a place that is a multiple of their number.
fn may_have_long_numbers(text: &[u8]) -> bool {
    let mut places = text.iter().skip(DIGITS - 1).step_by(DIGITS);
    places.any(u8::is_ascii_digit)
}

/// Whether a number is whole, of more than 64 bits, and within the range of floating-point numbers.
fn is_long(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() >= DIGITS
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && number.parse::<i64>().is_err()
        && number.parse::<u64>().is_err()
        && number.parse().is_ok_and(f64::is_finite)
}

/// What a text begins with that stands for a number: U+10FFFF, which stands for no character.
const MARK: char = '\u{10ffff}';

/// What stands for numbers that JSON has no form for, once a text was made JSON by [`with_special`].
const SPECIAL: [(&str, &str, f64); 3] = [
    ("NaN", "\u{10ffff}NaN", f64::NAN),
    ("Infinity", "\u{10ffff}Infinity", f64::INFINITY),
    ("-Infinity", "\u{10ffff}-Infinity", f64::NEG_INFINITY),
];

/// The number that a text of parsed JSON stands for, if it does.
pub(crate) fn special(text: &str) -> Option<f64> {
    let number = text.strip_prefix(MARK)?;
    let mut all = SPECIAL.iter();
    let named = all.find(|(name, ..)| *name == number);
    match named {
        Some((.., value)) => Some(*value),
        None if is_long(number) => number.parse().ok(),
        None => None,
    }
}

/// Parsed JSON as text again.
pub(crate) fn written(value: &Json) -> String {
    let text = value.to_string();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once(MARK) {
        let number = behind.split('"').next().unwrap_or_default();
        let is_number = before.ends_with('"') && special(&format!("{MARK}{number}")).is_some();
        out += match is_number {
            true => &before[..before.len() - 1],
            false => &rest[..before.len() + MARK.len_utf8()],
        };
        rest = behind;
        if is_number {
            out += number;
            rest = behind.get(number.len() + 1..).unwrap_or_default();
        }
    }
    out + rest
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

/// How many names of fields a text of JSON has.
pub(crate) fn names_in_text(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    let mut names = 0;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b':' if !quoted => names += 1,
            _ => {}
        }
    }
    names
}

/// How many names of fields parsed JSON has: fewer than its text if an object had one twice.
pub(crate) fn names<'a>(values: impl IntoIterator<Item = &'a Json>) -> usize {
    let inside = |value: &Json| match value {
        Json::Array(values) => names(values),
        Json::Object(fields) => fields.len() + names(fields.values()),
        _ => 0,
    };
    values.into_iter().map(inside).sum()
}

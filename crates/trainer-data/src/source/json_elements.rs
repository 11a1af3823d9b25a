use std::path::Path;

use crate::{Error, Result};

/// The texts of the elements of a JSON array, or of JSON values one after the other, with the line each begins on.
///
/// Only finds where they begin and end; what is inside is checked when they are parsed.
pub(crate) fn elements<'a>(path: &Path, text: &'a str) -> Result<Vec<(u64, &'a str)>> {
    let text = text.trim_start_matches('\u{feff}');
    let inside = text.trim_start();
    let is_array = inside.starts_with('[');
    let mut found = Vec::new();
    let mut line = 1;
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    let mut start: Option<(u64, usize)> = None;
    let mut closed = !is_array;
    let outer = usize::from(is_array);
    for (at, c) in text.bytes().enumerate() {
        let is_between =
            depth <= outer && !quoted && (c.is_ascii_whitespace() || (is_array && c == b','));
        if start.is_none() && depth == outer && !is_between && c != b']' {
            start = Some((line, at));
        }
        match c {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => {
                depth = depth.saturating_sub(1);
                closed = closed || depth == 0;
            }
            b'\n' => line += 1,
            _ => {}
        }
        // A value in brackets ends with them; another one before whatever stands between values.
        let ends_here = depth == outer && !quoted && matches!(c, b'}' | b']');
        let ended_before = is_between || depth < outer;
        if let Some((begun, from)) = start.filter(|_| ends_here || ended_before) {
            found.push((begun, &text[from..if ended_before { at } else { at + 1 }]));
            start = None;
        }
    }
    if let Some((begun, from)) = start {
        found.push((begun, &text[from..]));
    }
    match closed {
        true => Ok(found),
        false => Err(Error::Malformed {
            path: path.to_owned(),
            line,
            message: "the file ends inside its array".to_owned(),
            source: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::elements;

    #[test]
    fn arrays_and_sequences_are_taken_apart() -> crate::Result<()> {
        let of = |text| elements(Path::new("a.json"), text);
        assert_eq!(
            of("[{\"a\": \"]}\\\"\"},\n {\"a\": [1, 2]}, 7]")?,
            [(1, "{\"a\": \"]}\\\"\"}"), (2, "{\"a\": [1, 2]}"), (2, "7")]
        );
        assert_eq!(
            of("{\"a\":\n1}\n\n{\"a\": 2}\n")?,
            [(1, "{\"a\":\n1}"), (4, "{\"a\": 2}")]
        );
        assert_eq!(of(" [ ] ")?, []);
        assert_eq!(of("")?, []);
        assert!(of("[{\"a\": 1},").is_err());
        Ok(())
    }
}

//! Methods of texts and lists as Python has them.

use minijinja::value::{Tuple, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

/// How wide `str.format` may make a value, in digits of that number.
const MOST_WIDTH_DIGITS: usize = 3;

/// What `value.method(…)` gives: `minijinja-contrib` has most of Python's methods, the others are here.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    let Some(text) = value.as_str() else {
        return pycompat::unknown_method_callback(state, value, method, arguments);
    };
    match method {
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(arguments)?;
            Ok(text.strip_prefix(prefix).unwrap_or(text).into())
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(arguments)?;
            Ok(text.strip_suffix(suffix).unwrap_or(text).into())
        }
        "partition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            let parts = text.split_once(not_empty(separator)?);
            let (before, behind) = parts.unwrap_or((text, ""));
            Ok(three(
                before,
                if parts.is_some() { separator } else { "" },
                behind,
            ))
        }
        "rpartition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            let parts = text.rsplit_once(not_empty(separator)?);
            let (before, behind) = parts.unwrap_or(("", text));
            Ok(three(
                before,
                if parts.is_some() { separator } else { "" },
                behind,
            ))
        }
        "rsplit" => {
            let (separator, most): (Option<&str>, Option<i64>) = from_args(arguments)?;
            let most = most.and_then(|most| usize::try_from(most).ok());
            rsplit(text, separator, most)
        }
        // It makes any width before it is asked whether it may.
        "format" if has_wide_number(text) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "a form of `format` has a number of more than 999",
        )),
        _ => pycompat::unknown_method_callback(state, value, method, arguments),
    }
}

fn not_empty(separator: &str) -> Result<&str, Error> {
    match separator.is_empty() {
        true => Err(Error::new(ErrorKind::InvalidOperation, "empty separator")),
        false => Ok(separator),
    }
}

fn three(before: &str, separator: &str, behind: &str) -> Value {
    Tuple::new(vec![before.into(), separator.into(), behind.into()]).into()
}

/// Parts from the right, in the order of the text.
fn rsplit(text: &str, separator: Option<&str>, most: Option<usize>) -> Result<Value, Error> {
    let parts = most.map_or(usize::MAX, |most| most.saturating_add(1));
    let mut found: Vec<&str> = match separator {
        Some(separator) => text.rsplitn(parts, not_empty(separator)?).collect(),
        None => {
            let mut found = Vec::new();
            let mut rest = text.trim_end();
            while !rest.is_empty() && found.len() + 1 < parts {
                let at = rest.rfind(char::is_whitespace);
                let Some(at) = at else { break };
                let blank = rest[at..].chars().next().map_or(1, char::len_utf8);
                found.push(&rest[at + blank..]);
                rest = rest[..at].trim_end();
            }
            if !rest.is_empty() {
                // With all parts found it keeps the blanks before it.
                found.push(if found.len() + 1 < parts {
                    rest.trim_start()
                } else {
                    rest
                });
            }
            found
        }
    };
    found.reverse();
    Ok(found.into_iter().collect())
}

fn has_wide_number(text: &str) -> bool {
    let mut digits = text.split(|c: char| !c.is_ascii_digit());
    digits.any(|digits| digits.len() > MOST_WIDTH_DIGITS)
}

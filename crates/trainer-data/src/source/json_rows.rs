use std::{
    io::{BufRead, BufReader, Read},
    ops::ControlFlow::{self, Break, Continue},
    path::Path,
};

use serde_json::{Map, Value as Json};

use super::{
    json_scan::{Nesting, names, names_in_text, with_whole_numbers},
    json_text::{JsonText, Piece},
    table::unreadable,
    text_file::each_line_until,
};
use crate::{Error, Result, regular_file};

/// What takes the line and the fields of a row.
type Take<'a> = &'a mut dyn FnMut(u64, &Map<String, Json>) -> Result<ControlFlow<()>>;

/// The column of rows that are no objects.
const TEXT: &str = "text";

/// Calls `take` with the line and the fields of every row: of the array in `field` of the one object that the file is; or
/// of the array that it is; or of the objects that stand in it one after the other.
///
/// A row may be null, without any field. A bare `NaN` is no value in arrays, and a number elsewhere, as in Python's
/// `datasets`.
///
/// # Errors
/// [`Error::Malformed`] with the place at which the file is something else, and those of `take`.
pub(crate) fn each(
    path: &Path,
    field: Option<&str>,
    mut take: impl FnMut(u64, &Map<String, Json>) -> Result<()>,
) -> Result<()> {
    let take = &mut |line, row: &_| take(line, row).map(Continue);
    each_until(path, (field, u64::MAX), take)
}

/// [`each`] until `take` breaks off, or until so many bytes of objects that stand one after the other were read.
pub(crate) fn each_until(
    path: &Path,
    (field, bytes): (Option<&str>, u64),
    take: Take<'_>,
) -> Result<()> {
    if field.is_none() && !is_array(path)? {
        return objects(path, bytes, take);
    }
    let mut bytes = Vec::new();
    regular_file::open_to_end(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|source| unreadable(path, source))?;
    let text = String::from_utf8(bytes).map_err(|source| Error::File {
        path: path.to_owned(),
        message: format!(
            "the file is not UTF-8 at byte {}",
            source.utf8_error().valid_up_to()
        ),
        source: Some(source.into()),
    })?;
    let mut whole = JsonText::new(path, text.trim_start_matches('\u{feff}'), 1, true);
    let rows = match field {
        Some(field) => rows_of_field(path, &mut whole, field)?,
        None => whole.elements()?,
    };
    if whole.next().is_some() {
        return Err(whole.unexpected("the end of the file"));
    }
    array(path, &whole, &rows, take)
}

/// Whether the file begins with an array.
fn is_array(path: &Path) -> Result<bool> {
    let unread = |source| unreadable(path, source);
    let mut file = BufReader::new(regular_file::open_to_end(path).map_err(unread)?);
    loop {
        let part = file.fill_buf().map_err(unread)?;
        let blank = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
        match part.iter().find(|byte| !blank(byte)) {
            Some(first) => return Ok(*first == b'['),
            None if part.is_empty() => return Ok(false),
            None => {}
        }
        let read = part.len();
        file.consume(read);
    }
}

/// The elements of `field`. The other fields must be JSON too.
fn rows_of_field<'a>(path: &Path, whole: &mut JsonText<'a>, field: &str) -> Result<Vec<Piece<'a>>> {
    let fields = whole.fields()?;
    for (_, piece) in fields.iter().filter(|(name, _)| name != field) {
        whole.parse(*piece)?;
    }
    let Some((_, piece)) = fields.iter().rfind(|(name, _)| name == field) else {
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::File {
            path: path.to_owned(),
            message: format!(
                "there is no field {field:?}; the fields are {}",
                names.join(", ")
            ),
            source: None,
        });
    };
    whole.inside(*piece).elements()
}

/// Rows that are elements of an array: objects, or else values of one column.
fn array(path: &Path, whole: &JsonText<'_>, rows: &[Piece<'_>], take: Take<'_>) -> Result<()> {
    let first = rows.iter().find(|row| row.text != "null");
    let are_objects = first.is_none_or(|row| row.text.starts_with('{'));
    for row in rows {
        let line = row.line;
        let flow = match whole.parse(*row)? {
            Json::Object(fields) if are_objects => take(line, &fields)?,
            Json::Null if are_objects => take(line, &Map::new())?,
            value if !are_objects && !has_rows(&value) => {
                take(line, &Map::from_iter([(TEXT.to_owned(), value)]))?
            }
            _ => return Err(no_row(path, line)),
        };
        if flow.is_break() {
            break;
        }
    }
    Ok(())
}

/// Whether a value is an array with objects in it, which Python takes apart in a way of its own.
fn has_rows(value: &Json) -> bool {
    match value {
        Json::Array(values) => values
            .iter()
            .any(|value| value.is_object() || has_rows(value)),
        _ => false,
    }
}

/// Rows that are objects one after the other, usually one a line.
fn objects(path: &Path, bytes: u64, take: Take<'_>) -> Result<()> {
    let mut begun = String::new();
    let mut first = 1;
    let mut nesting = Nesting::default();
    let mut read = 0;
    each_line_until(path, |number, line| {
        read += line.len() as u64 + 1;
        let is_enough = |flow| match read < bytes {
            true => flow,
            false => Break(()),
        };
        if begun.is_empty() {
            // Nearly every line is one row.
            if let Ok(row) = serde_json::from_str(&with_whole_numbers(line)) {
                refuse_names_twice(path, number, line, &row)?;
                return take(number, &row).map(is_enough);
            }
            first = number;
            nesting = Nesting::default();
        } else {
            begun.push('\n');
        }
        begun += line;
        line.bytes().for_each(|byte| {
            nesting.see(byte);
        });
        if nesting.goes_on() {
            return Ok(Continue(()));
        }
        let rows = std::mem::take(&mut begun);
        rows_of(path, &rows, first, take).map(is_enough)
    })?;
    rows_of(path, &begun, first, take).map(|_| ())
}

fn rows_of(path: &Path, text: &str, line: u64, take: Take<'_>) -> Result<ControlFlow<()>> {
    let mut rows = JsonText::new(path, text, line, false);
    while rows.next().is_some() {
        let row = rows.value()?;
        let flow = match rows.parse(row)? {
            Json::Object(fields) => {
                refuse_names_twice(path, row.line, row.text, &fields)?;
                take(row.line, &fields)?
            }
            Json::Null => take(row.line, &Map::new())?,
            _ => return Err(no_row(path, row.line)),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Continue(()))
}

/// An error if the object `text`, which was parsed as `fields`, or one in it has a name twice: of its values only the last is left.
fn refuse_names_twice(
    path: &Path,
    line: u64,
    text: &str,
    fields: &Map<String, Json>,
) -> Result<()> {
    if fields.len() + names(fields.values()) == names_in_text(text) {
        return Ok(());
    }
    Err(Error::Malformed {
        path: path.to_owned(),
        line,
        message: "a name stands twice in one object".to_owned(),
        source: None,
    })
}

fn no_row(path: &Path, line: u64) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line,
        message: "a row must be a JSON object, {\"column\": value, …}".to_owned(),
        source: None,
    }
}

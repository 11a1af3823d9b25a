use std::{
    io::{BufRead, BufReader},
    ops::ControlFlow::{self, Break, Continue},
    path::Path,
};

use super::{
    streamed::{Give, Room},
    table::unreadable,
};
use crate::{Column, Columns, Error, Result, regular_file};

/// A column `text` with one row for each line, without the line's end, which may be LF, CR LF or CR.
pub(crate) fn read(path: &Path) -> Result<Columns> {
    let mut lines = Vec::new();
    each_line(path, |_, line| {
        lines.extend(line.split('\r').map(str::to_owned));
        Ok(())
    })?;
    Ok(Columns::new().with("text", Column::strings(lines)))
}

/// Gives the rows of the file to `give`, some at a time; the first `skip` are passed over.
pub(crate) fn each_batch(path: &Path, skip: &mut u64, give: Give<'_>) -> Result<()> {
    let mut lines = Vec::new();
    let mut room = Room::default();
    let finished = |lines: &mut Vec<String>| {
        Columns::new().with("text", Column::strings(std::mem::take(lines)))
    };
    let mut stopped = false;
    each_line_until(path, |_, line| {
        for row in line.split('\r') {
            if *skip > 0 {
                *skip -= 1;
                continue;
            }
            lines.push(row.to_owned());
            if room.is_full(row.len()) && give(finished(&mut lines))?.is_break() {
                stopped = true;
                return Ok(Break(()));
            }
        }
        Ok(Continue(()))
    })?;
    if !stopped && !lines.is_empty() {
        let _ = give(finished(&mut lines))?;
    }
    Ok(())
}

/// Calls `take` with the number, from 1, and the text of every line that ends with LF or CR LF.
pub(crate) fn each_line(path: &Path, mut take: impl FnMut(u64, &str) -> Result<()>) -> Result<()> {
    each_line_until(path, |number, line| take(number, line).map(Continue))
}

/// [`each_line`] until `take` breaks off.
pub(crate) fn each_line_until(
    path: &Path,
    mut take: impl FnMut(u64, &str) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut file =
        BufReader::new(regular_file::open_to_end(path).map_err(|source| unreadable(path, source))?);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if file
            .read_until(b'\n', &mut bytes)
            .map_err(|source| unreadable(path, source))?
            == 0
        {
            break;
        }
        let text = std::str::from_utf8(&bytes).map_err(|source| Error::Malformed {
            path: path.to_owned(),
            line: number,
            message: "the line is not UTF-8".to_owned(),
            source: Some(source.into()),
        })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let text = if number == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        };
        if take(number, text)?.is_break() {
            break;
        }
    }
    Ok(())
}

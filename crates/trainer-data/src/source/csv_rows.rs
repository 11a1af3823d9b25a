use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    ops::ControlFlow::{self, Continue},
    path::Path,
};

use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::{settings::CsvSettings, table::unreadable};
use crate::{Error, Result, regular_file};

/// How a file is taken apart.
#[derive(Debug, Clone)]
pub(crate) struct CsvStyle {
    delimiter: u8,
    quote: u8,
    header: bool,
    names: Option<Vec<String>>,
}

impl CsvStyle {
    /// As `settings` say, with `delimiter` where they say none.
    pub(crate) fn new(delimiter: u8, settings: &CsvSettings) -> Self {
        Self {
            delimiter: settings.delimiter.unwrap_or(delimiter),
            quote: settings.quote,
            header: settings.header,
            names: settings.names.clone(),
        }
    }

    fn reader(&self) -> ReaderBuilder {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(self.delimiter).quote(self.quote);
        builder.has_headers(false).flexible(true);
        builder
    }
}

/// The rows of one file.
pub(crate) struct CsvRows<'a> {
    path: &'a Path,
    style: &'a CsvStyle,
    reader: Reader<File>,
    /// How many columns there are.
    names: usize,
    /// The first row, read ahead.
    first: Option<StringRecord>,
    /// The file once more, for what the reader does not say of a row.
    again: Option<BufReader<File>>,
    /// How many fields stand before those of the columns: one where rows are numbered, and the first row does not name that.
    index: usize,
}

/// The fields of a row that the columns have; those that are missing at its end are empty.
pub(crate) struct Cells<'r> {
    row: &'r StringRecord,
    next: usize,
    end: usize,
}

impl<'r> Iterator for Cells<'r> {
    type Item = &'r str;

    fn next(&mut self) -> Option<&'r str> {
        let at = self.next;
        self.next += 1;
        (at < self.end).then(|| self.row.get(at).unwrap_or_default())
    }
}

impl<'a> CsvRows<'a> {
    pub(crate) fn open(path: &'a Path, style: &'a CsvStyle) -> Result<Self> {
        let (file, _) = regular_file::open(path).map_err(|source| unreadable(path, source))?;
        let reader = style.reader().from_reader(file);
        Ok(Self {
            path,
            style,
            reader,
            names: 0,
            first: None,
            again: None,
            index: 0,
        })
    }

    /// The names of the columns, which the first row has unless the style says them; their numbers where neither does.
    ///
    /// As in pandas a column without a name is called by its place, and of columns of one name all but the first get a number.
    pub(crate) fn names(&mut self) -> Result<Vec<String>> {
        let Some(head) = self.row()? else {
            let missing = match self.style.header {
                true => "its first line must name the columns",
                false => "it has no row that says how many columns there are",
            };
            return Err(self.malformed(1, format!("the file is empty; {missing}")));
        };
        let fields = head.len();
        let mut first = None;
        let named = match self.style.header {
            true => {
                first = self.row()?;
                distinct(&head)
            }
            false => (0..fields).map(|number| number.to_string()).collect(),
        };
        let names = match &self.style.names {
            Some(names) if names.len() != fields => {
                let given = names.len();
                let message = format!("{fields} fields where the card gives {given} names");
                return Err(self.malformed(1, message));
            }
            Some(names) => names.clone(),
            None => named,
        };
        let mut seen = HashSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(self.malformed(1, format!("there are two columns {name:?}")));
        }
        let first = if self.style.header { first } else { Some(head) };
        // Whether that is so, all rows must say.
        let is_numbered = |row: &StringRecord| row.len() == names.len() + 1 && &row[0] == "0";
        self.index = usize::from(first.as_ref().is_some_and(is_numbered));
        self.names = names.len();
        self.first = first;
        Ok(names)
    }

    /// The next row that is more than blanks.
    fn row(&mut self) -> Result<Option<StringRecord>> {
        let mut row = self.first.take().unwrap_or_default();
        if !row.is_empty() {
            return Ok(Some(row));
        }
        loop {
            match self.reader.read_record(&mut row) {
                Ok(true) if self.is_blank(&row)? => {}
                Ok(true) => return Ok(Some(row)),
                Ok(false) => return Ok(None),
                Err(error) => return Err(self.unparsed(error, row.into_byte_record())),
            }
        }
    }

    /// Whether a row is nothing but blanks, without quotes around them.
    fn is_blank(&mut self, row: &StringRecord) -> Result<bool> {
        let (1, Some(cell), Some(begin)) = (row.len(), row.get(0), row.position()) else {
            return Ok(false);
        };
        if cell.is_empty() || !cell.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Ok(false);
        }
        let length = self.reader.position().byte().saturating_sub(begin.byte());
        // Quotes would be two bytes, and the line's end is at most two. More may be empty lines before.
        if length <= cell.len() as u64 + 2 {
            return Ok(true);
        }
        let quoted = self.has_quote(begin.byte(), length);
        Ok(!quoted.map_err(|source| unreadable(self.path, source))?)
    }

    /// Whether a quote is among `length` bytes from `begin` on.
    fn has_quote(&mut self, begin: u64, length: u64) -> io::Result<bool> {
        if self.again.is_none() {
            let (file, _) = regular_file::open(self.path)?;
            self.again = Some(BufReader::new(file));
        }
        let Some(file) = &mut self.again else {
            return Ok(false);
        };
        let ahead = begin as i64 - file.stream_position()? as i64;
        file.seek_relative(ahead)?;
        for byte in file.take(length).bytes() {
            if byte? == self.style.quote {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives all rows behind the one with names to `take`, whose errors get the line of the row.
    pub(crate) fn each(&mut self, mut take: impl FnMut(Cells<'_>) -> Result<()>) -> Result<()> {
        self.each_until(|cells| take(cells).map(Continue))
    }

    /// [`Self::each`] until `take` breaks off. What follows is not looked at then.
    pub(crate) fn each_until(
        &mut self,
        mut take: impl FnMut(Cells<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut first = self.first.take();
        let mut row = StringRecord::new();
        // Of the last row; of the names, where there is no other.
        let mut begin = Position::new();
        let mut number = 0_usize;
        loop {
            match first.take() {
                Some(first) => row = first,
                None => match self.reader.read_record(&mut row) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => return Err(self.unparsed(error, row.into_byte_record())),
                },
            }
            if let Some(position) = row.position() {
                begin.clone_from(position);
            }
            if self.is_blank(&row)? {
                continue;
            }
            if let Some(message) = self.wrong_fields(&row, number) {
                // An open quote makes one row of several.
                self.refuse_open_quote(&begin, row.into_byte_record())?;
                let line = self.line(&begin)?;
                return Err(self.malformed(line, message));
            }
            number += 1;
            let cells = Cells {
                row: &row,
                next: self.index,
                end: self.index + self.names,
            };
            match take(cells) {
                Ok(Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(()),
                Err(refused) => {
                    return Err(Error::Malformed {
                        path: self.path.to_owned(),
                        line: self.line(&begin)?,
                        message: refused.to_string(),
                        source: Some(refused.into()),
                    });
                }
            }
        }
        self.refuse_open_quote(&begin, row.into_byte_record())
    }

    /// What is wrong with the fields of row `number`, from 0: fewer there may be, as in pandas.
    fn wrong_fields(&self, row: &StringRecord, number: usize) -> Option<String> {
        let (fields, names) = (row.len(), self.names);
        if self.index == 1 && row.get(0) != Some(number.to_string().as_str()) {
            let found = row.get(0).unwrap_or_default();
            return Some(format!(
                "the rows have a field more than the first line, and it is not the row's number, {number}, but {found:?}"
            ));
        }
        (fields > names + self.index)
            .then(|| format!("{fields} fields where the first line has {names}"))
    }

    /// An error if the row at `begin` opens a quote that nothing closes before the file ends. The rows are spent then.
    fn refuse_open_quote(&mut self, begin: &Position, buffer: ByteRecord) -> Result<()> {
        match is_open(self.reader.get_mut(), self.style, begin, buffer) {
            Ok(false) => Ok(()),
            Ok(true) => {
                let line = self.line(begin)?;
                let message =
                    "a quote in the row that begins here is not closed before the file ends";
                Err(self.malformed(line, message.to_owned()))
            }
            Err(error) => Err(self.malformed_by(error)),
        }
    }

    /// What csv says of a row, whose memory is `buffer`; or its open quote, which is why csv took more for it.
    fn unparsed(&mut self, error: csv::Error, buffer: ByteRecord) -> Error {
        match error.position().cloned() {
            Some(begin) => match self.refuse_open_quote(&begin, buffer) {
                Ok(()) => self.malformed_by(error),
                Err(open) => open,
            },
            None => self.malformed_by(error),
        }
    }

    fn malformed_by(&mut self, error: csv::Error) -> Error {
        let line = match error.position().map(|begin| self.line(begin)) {
            Some(Ok(line)) => line,
            Some(Err(unreadable)) => return unreadable,
            None => 1,
        };
        let message = match error.kind() {
            ErrorKind::Io(_) => match error.into_kind() {
                ErrorKind::Io(source) => return unreadable(self.path, source),
                _ => "the file cannot be read".to_owned(),
            },
            ErrorKind::Utf8 { .. } => "the line is not UTF-8".to_owned(),
            _ => error.to_string(),
        };
        self.malformed(line, message)
    }

    fn malformed(&self, line: u64, message: String) -> Error {
        Error::Malformed {
            path: self.path.to_owned(),
            line,
            message,
            source: None,
        }
    }

    /// The line on which the row at `begin` begins. The rows are spent then.
    ///
    /// csv counts no line that ends with CR alone, and the second half of a CR LF, and empty lines, to the row behind them.
    fn line(&mut self, begin: &Position) -> Result<u64> {
        let count = |file: &mut File| -> io::Result<u64> {
            file.seek(SeekFrom::Start(0))?;
            let mut line = 1;
            let mut last = 0;
            for (at, byte) in (0_u64..).zip(BufReader::new(file).bytes()) {
                let byte = byte?;
                if at >= begin.byte() && !matches!(byte, b'\r' | b'\n') {
                    break;
                }
                let is_second = byte == b'\n' && last == b'\r';
                line += u64::from(matches!(byte, b'\r' | b'\n') && !is_second);
                last = byte;
            }
            Ok(line)
        };
        count(self.reader.get_mut()).map_err(|source| unreadable(self.path, source))
    }
}

/// The names of a row, each once: as <https://pandas.pydata.org/docs/user_guide/io.html#duplicate-names-parsing> says. Names that
/// the row has come before those of columns without one.
fn distinct(row: &StringRecord) -> Vec<String> {
    let (named, unnamed): (Vec<usize>, Vec<usize>) =
        (0..row.len()).partition(|at| !row[*at].is_empty());
    let called = |(at, name): (usize, &str)| match name {
        "" => format!("Unnamed: {at}"),
        name => name.to_owned(),
    };
    let mut names: Vec<String> = row.iter().enumerate().map(called).collect();
    let mut present: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *present.entry(name.clone()).or_default() += 1;
    }
    // Of each name that came, the number that the next of that name gets.
    let mut next: HashMap<String, usize> = HashMap::new();
    for at in named.into_iter().chain(unnamed) {
        if let Some(number) = next.get(&names[at]).copied() {
            let numbered = |number: &usize| format!("{}.{number}", names[at]);
            let is_free = |number: &usize| !present.contains_key(&numbered(number));
            let free = (number..).find(is_free).unwrap_or(number);
            let found = numbered(&free);
            next.insert(names[at].clone(), free + 1);
            *present.entry(found.clone()).or_default() += 1;
            names[at] = found;
        }
        next.entry(names[at].clone()).or_insert(1);
    }
    names
}

/// Whether the row at `begin` opens a quote that nothing closes before the file ends.
///
/// csv takes the end of the file for the end of such a row, whose last field then has all lines behind the quote. Read
/// again with one row more behind the file, it takes in that row too. It is read into `buffer`, where it was before,
/// since such a row can be nearly the whole file.
fn is_open(
    file: &mut File,
    style: &CsvStyle,
    begin: &Position,
    mut buffer: ByteRecord,
) -> csv::Result<bool> {
    file.seek(SeekFrom::Start(begin.byte()))?;
    // At its beginning, csv leaves a byte order mark out; inside a file it is text.
    let before: &[u8] = if begin.byte() == 0 { b"" } else { b"\n" };
    let mut rows = style
        .reader()
        .from_reader(before.chain(file).chain(&b"\n-\n"[..]));
    let both = rows.read_byte_record(&mut buffer)? && rows.read_byte_record(&mut buffer)?;
    Ok(!both)
}

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::{settings::CsvSettings, table::unreadable};
use crate::{Error, Result};

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
        builder
    }
}

/// The rows of one file.
pub(crate) struct CsvRows<'a> {
    path: &'a Path,
    style: &'a CsvStyle,
    reader: Reader<File>,
}

impl<'a> CsvRows<'a> {
    pub(crate) fn open(path: &'a Path, style: &'a CsvStyle) -> Result<Self> {
        let file = File::open(path).map_err(|source| unreadable(path, source))?;
        let reader = style.reader().has_headers(style.header).from_reader(file);
        Ok(Self {
            path,
            style,
            reader,
        })
    }

    /// The names of the columns, which the first row has unless the style says them; their numbers where neither does.
    pub(crate) fn names(&mut self) -> Result<Vec<String>> {
        let first = match self.reader.headers() {
            Ok(first) => first,
            Err(error) => return Err(self.unparsed(error, ByteRecord::new())),
        };
        let first: Vec<String> = first.iter().map(str::to_owned).collect();
        if first.is_empty() {
            let missing = match self.style.header {
                true => "its first line must name the columns",
                false => "it has no row that says how many columns there are",
            };
            return Err(self.malformed(1, format!("the file is empty; {missing}")));
        }
        let names = match &self.style.names {
            Some(names) if names.len() != first.len() => {
                let (given, fields) = (names.len(), first.len());
                let message = format!("{fields} fields where the card gives {given} names");
                return Err(self.malformed(1, message));
            }
            Some(names) => names.clone(),
            None if self.style.header => first,
            None => (0..first.len()).map(|number| number.to_string()).collect(),
        };
        match names
            .iter()
            .enumerate()
            .find(|(at, name)| names[..*at].contains(name))
        {
            Some((_, name)) => Err(self.malformed(1, format!("there are two columns {name:?}"))),
            None => Ok(names),
        }
    }

    /// Gives all rows behind the one with names to `take`, whose errors get the line of the row.
    pub(crate) fn each(&mut self, mut take: impl FnMut(&StringRecord) -> Result<()>) -> Result<()> {
        let mut row = StringRecord::new();
        // Of the last row; of the names, where there is no other.
        let mut begin = Position::new();
        loop {
            match self.reader.read_record(&mut row) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(self.unparsed(error, row.into_byte_record())),
            }
            if let Some(position) = row.position() {
                begin.clone_from(position);
            }
            if let Err(refused) = take(&row) {
                return Err(Error::Malformed {
                    path: self.path.to_owned(),
                    line: self.line(&begin)?,
                    message: refused.to_string(),
                    source: Some(refused.into()),
                });
            }
        }
        self.refuse_open_quote(&begin, row.into_byte_record())
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
            ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => {
                format!("{len} fields where the first line has {expected_len}")
            }
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
    /// csv counts the second half of a CR LF, and empty lines, to the row behind them.
    fn line(&mut self, begin: &Position) -> Result<u64> {
        let count = |file: &mut File| -> io::Result<u64> {
            file.seek(SeekFrom::Start(begin.byte()))?;
            let mut line = begin.line();
            for byte in BufReader::new(file).bytes() {
                match byte? {
                    b'\n' => line += 1,
                    b'\r' => {}
                    _ => break,
                }
            }
            Ok(line)
        };
        count(self.reader.get_mut()).map_err(|source| unreadable(self.path, source))
    }
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
        .has_headers(false)
        .flexible(true)
        .from_reader(before.chain(file).chain(&b"\n-\n"[..]));
    let both = rows.read_byte_record(&mut buffer)? && rows.read_byte_record(&mut buffer)?;
    Ok(!both)
}

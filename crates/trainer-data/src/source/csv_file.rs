use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::table::unreadable;
use crate::{ColumnBuilder, Columns, Error, Feature, Features, Result, Value};

/// The features of all columns of `files`, by the first of whole number, number, truth value and text that every
/// value of the column is. Columns that `declared` has are left out, and a column without a value is null.
pub(crate) fn infer(files: &[(&PathBuf, u8)], declared: &Features) -> Result<Features> {
    let mut found: Vec<(String, Kinds)> = Vec::new();
    for (path, delimiter) in files {
        let mut reader = open(path, *delimiter)?;
        let names = header(path, &mut reader)?;
        let mut places = Vec::new();
        for name in names {
            let place = found.iter().position(|(have, _)| *have == name);
            places.push(place.unwrap_or_else(|| {
                found.push((name, Kinds::default()));
                found.len() - 1
            }));
        }
        each(path, &mut reader, |_, record| {
            for (cell, place) in record.iter().zip(&places) {
                found[*place].1.see(cell);
            }
            Ok(())
        })?;
    }
    let undeclared = found
        .into_iter()
        .filter(|(name, _)| declared.get(name).is_none());
    Ok(undeclared
        .map(|(name, kinds)| (name, kinds.feature()))
        .collect())
}

/// The columns of a file, with the features of `features`, which has them all.
pub(crate) fn read(path: &Path, delimiter: u8, features: &Features) -> Result<Columns> {
    let mut reader = open(path, delimiter)?;
    let mut columns = Vec::new();
    for name in header(path, &mut reader)? {
        let feature = features.require(&name)?.clone();
        columns.push((name, ColumnBuilder::new(&feature), feature));
    }
    each(path, &mut reader, |line, record| {
        for (cell, (name, column, feature)) in record.iter().zip(&mut columns) {
            let pushed = column.push(&value(cell, feature));
            pushed.map_err(|refused| malformed(path, line, refused.at(name, None)))?;
        }
        Ok(())
    })?;
    Ok(columns
        .into_iter()
        .map(|(name, column, _)| (name, column.finish()))
        .collect())
}

fn open(path: &Path, delimiter: u8) -> Result<Reader<std::fs::File>> {
    let file = std::fs::File::open(path).map_err(|source| unreadable(path, source))?;
    Ok(ReaderBuilder::new().delimiter(delimiter).from_reader(file))
}

fn header(path: &Path, reader: &mut Reader<std::fs::File>) -> Result<Vec<String>> {
    let header = reader.headers().map_err(|error| unparsed(path, error))?;
    let names: Vec<String> = header.iter().map(str::to_owned).collect();
    let wrong = |message: String| Error::Malformed {
        path: path.to_owned(),
        line: 1,
        message,
        source: None,
    };
    if names.is_empty() {
        return Err(wrong(
            "the file is empty; its first line must name the columns".to_owned(),
        ));
    }
    match names
        .iter()
        .enumerate()
        .find(|(at, name)| names[..*at].contains(name))
    {
        Some((_, name)) => Err(wrong(format!("there are two columns {name:?}"))),
        None => Ok(names),
    }
}

fn each(
    path: &Path,
    reader: &mut Reader<std::fs::File>,
    mut take: impl FnMut(u64, &StringRecord) -> Result<()>,
) -> Result<()> {
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| unparsed(path, error))?
    {
        take(
            record.position().map_or(0, |position| position.line()),
            &record,
        )?;
    }
    Ok(())
}

fn unparsed(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map_or(1, |position| position.line());
    let message = match error.kind() {
        ErrorKind::Io(_) => match error.into_kind() {
            ErrorKind::Io(source) => return unreadable(path, source),
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
    Error::Malformed {
        path: path.to_owned(),
        line,
        message,
        source: None,
    }
}

fn malformed(path: &Path, line: u64, error: Error) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line,
        message: error.to_string(),
        source: Some(error.into()),
    }
}

/// What a cell says where a column of `feature` is read; as text if it cannot be that, which the column then refuses.
fn value(cell: &str, feature: &Feature) -> Value {
    let text = || Value::from(cell);
    match feature {
        _ if cell.is_empty() => Value::Null,
        Feature::Bool => truth(cell).map_or_else(text, Value::Bool),
        feature if feature.is_int() => cell.parse().map_or_else(|_| text(), Value::Int),
        feature if feature.is_float() => cell.parse().map_or_else(|_| text(), Value::Float),
        _ => text(),
    }
}

fn truth(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// What all cells of a column that were seen could be.
#[derive(Debug, Clone, Copy)]
struct Kinds {
    any: bool,
    int: bool,
    float: bool,
    bool: bool,
    /// Digits alone, of more than 64 bits or not.
    digits: bool,
}

impl Default for Kinds {
    fn default() -> Self {
        Self {
            any: false,
            int: true,
            float: true,
            bool: true,
            digits: true,
        }
    }
}

impl Kinds {
    fn see(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        self.any = true;
        self.int = self.int && cell.parse::<i64>().is_ok();
        self.float = self.float && (self.int || cell.parse::<f64>().is_ok());
        self.bool = self.bool && truth(cell).is_some();
        self.digits = self.digits
            && cell
                .strip_prefix('-')
                .unwrap_or(cell)
                .bytes()
                .all(|byte| byte.is_ascii_digit());
    }

    fn feature(self) -> Feature {
        match self {
            Self { any: false, .. } => Feature::Null,
            Self { int: true, .. } => Feature::Int64,
            // As floating-point numbers, long numbers would silently lose digits.
            Self { digits: true, .. } => Feature::String,
            Self { float: true, .. } => Feature::Float64,
            Self { bool: true, .. } => Feature::Bool,
            _ => Feature::String,
        }
    }
}

use std::path::Path;

use csv::WriterBuilder;

use super::{json_value::Style, packed::PackedFile, refused, unwritable};
use crate::{Dataset, Error, Feature, Result, column::Reader, python_text};

/// How [`Dataset::to_csv_with`] writes: arguments of Python's `to_csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct CsvOptions {
    sep: String,
    header: bool,
    na_rep: String,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvOptions {
    /// Commas, the names of the columns first, nothing for what is missing.
    pub fn new() -> Self {
        Self {
            sep: ",".to_owned(),
            header: true,
            na_rep: String::new(),
        }
    }

    /// What stands between fields, one ASCII character.
    pub fn sep(mut self, sep: impl Into<String>) -> Self {
        self.sep = sep.into();
        self
    }

    /// Whether the first line has the names of the columns, which is the default.
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// What stands for a missing value.
    pub fn na_rep(mut self, na_rep: impl Into<String>) -> Self {
        self.na_rep = na_rep.into();
        self
    }

    fn delimiter(&self) -> Result<u8> {
        match self.sep.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err(Error::InvalidArgument {
                name: "sep",
                message: format!(
                    "expected one ASCII character that is no quote and no end of a line, found {:?}",
                    self.sep
                ),
            }),
        }
    }
}

impl Dataset {
    /// Writes all rows to `path` as CSV, packed where the name ends in `.gz`, `.bz2` or `.zst`.
    ///
    /// Class labels are numbers, truth values `True` and `False`, dates and times as in ISO 8601; lists and structs are JSON.
    /// A missing value, and a number that is none, is an empty field, and so is an empty text: CSV cannot tell them apart.
    /// Returns the bytes, before they were packed.
    ///
    /// The file appears whole or not at all.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, CsvOptions, Dataset};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("rows.csv");
    /// let columns = Columns::new().with("text", Column::strings(["a", "b;c"])).with("label", Column::ints([0, 1]));
    /// Dataset::from_columns(columns)?.to_csv_with(&path, &CsvOptions::new().sep(";"))?;
    /// assert_eq!(std::fs::read_to_string(&path)?, "text;label\na;0\n\"b;c\";1\n");
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written; [`Error::File`] names column and row of bytes that are no text.
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<u64> {
        self.to_csv_with(path, &CsvOptions::new())
    }

    /// [`Self::to_csv`], as `options` say.
    ///
    /// # Errors
    /// As there, and [`Error::InvalidArgument`] for a separator that is not one ASCII character.
    pub fn to_csv_with(&self, path: impl AsRef<Path>, options: &CsvOptions) -> Result<u64> {
        let path = path.as_ref();
        let delimiter = options.delimiter()?;
        let mut file = WriterBuilder::new()
            .delimiter(delimiter)
            .from_writer(PackedFile::create(path)?);
        let failed = |error: csv::Error| refused(path, "CSV", error);
        if options.header {
            file.write_record(self.column_names()).map_err(failed)?;
        }
        let features = self.features();
        let readers: Vec<_> = self.columns().map(|(_, column)| column.reader()).collect();
        let mut field = Vec::new();
        for row in 0..self.num_rows() {
            let at = self.stored(row);
            for (reader, (name, feature)) in readers.iter().zip(features.iter()) {
                field.clear();
                let found = reader.find(at)?;
                write(
                    &mut field,
                    found.reader(),
                    feature,
                    found.at,
                    &options.na_rep,
                )
                .map_err(|message| Error::File {
                    path: path.to_owned(),
                    message: format!("column {name:?}, row {row}: {message}"),
                    source: None,
                })?;
                file.write_field(&field).map_err(failed)?;
            }
            file.write_record(None::<&[u8]>).map_err(failed)?;
        }
        let file = file
            .into_inner()
            .map_err(|error| unwritable(path)(error.into_error()))?;
        file.keep().map_err(unwritable(path))
    }
}

/// Adds the value at `at`.
fn write(
    field: &mut Vec<u8>,
    reader: &Reader<'_>,
    feature: &Feature,
    at: usize,
    missing: &str,
) -> Result<(), String> {
    let mut text = |text: &str| field.extend_from_slice(text.as_bytes());
    match reader {
        reader if reader.is_null(at) => text(missing),
        Reader::Float32(values) if values.value(at).is_nan() => text(missing),
        Reader::Float64(values) if values.value(at).is_nan() => text(missing),
        Reader::Float32(values) => text(&python_text::float32(values.value(at))),
        Reader::Float64(values) => text(&python_text::float(values.value(at))),
        Reader::Bool(values) => text(python_text::bool(values.value(at))),
        Reader::Str(values) => text(values.value(at)),
        Reader::Bytes(values) => match std::str::from_utf8(values.value(at)) {
            Ok(found) => text(found),
            Err(_) => {
                let found = reader.value(at).excerpt();
                return Err(format!("expected bytes that are UTF-8, found {found}"));
            }
        },
        Reader::Quantity(quantity, counts) => text(&quantity.written(counts.value(at))),
        reader => {
            let style = Style { force_ascii: false };
            style.value(field, reader, feature, at)?;
        }
    }
    Ok(())
}

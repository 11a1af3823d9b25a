use std::{io::Write, path::Path};

use super::{json_value::Style, packed::PackedFile, unwritable};
use crate::{Dataset, Error, Result};

/// How [`Dataset::to_json_with`] writes: arguments of Python's `to_json`, whose `orient` is `records`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct JsonOptions {
    lines: bool,
    force_ascii: bool,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl JsonOptions {
    /// A row a line, in ASCII.
    pub fn new() -> Self {
        Self {
            lines: true,
            force_ascii: true,
        }
    }

    /// Whether each row is a line, which is the default; else all are one array.
    pub fn lines(mut self, lines: bool) -> Self {
        self.lines = lines;
        self
    }

    /// Whether other characters than ASCII's are written by their numbers, `\u00e9` for `é`, which is the default.
    pub fn force_ascii(mut self, force_ascii: bool) -> Self {
        self.force_ascii = force_ascii;
        self
    }
}

impl Dataset {
    /// Writes all rows to `path` as JSON, an object a line; packed where the name ends in `.gz`, `.bz2` or `.zst`.
    ///
    /// Class labels are numbers. Dates and times are texts of ISO 8601, decimal numbers texts too. Numbers are written with
    /// the digits that tell them from others; those that are infinite or none are `null`. Returns the bytes, before they
    /// were packed.
    ///
    /// The file appears whole or not at all.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, load_dataset};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("rows.jsonl");
    /// let data = Dataset::from_columns(Columns::new().with("text", Column::strings(["a", "b"])))?;
    /// data.to_json(&path)?;
    /// assert_eq!(std::fs::read_to_string(&path)?, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
    /// # Ok::<(), trainer_data::BoxError>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] where the file cannot be written; [`Error::File`] names column and row of bytes that are no text.
    pub fn to_json(&self, path: impl AsRef<Path>) -> Result<u64> {
        self.to_json_with(path, &JsonOptions::new())
    }

    /// [`Self::to_json`], as `options` say.
    ///
    /// # Errors
    /// As there.
    pub fn to_json_with(&self, path: impl AsRef<Path>, options: &JsonOptions) -> Result<u64> {
        let path = path.as_ref();
        let style = Style {
            force_ascii: options.force_ascii,
        };
        let features = self.features();
        let readers: Vec<_> = self.columns().map(|(_, column)| column.reader()).collect();
        let mut file = PackedFile::create(path)?;
        let mut line = Vec::new();
        for row in 0..self.num_rows() {
            line.clear();
            let between: &[u8] = match (options.lines, row) {
                (true, _) => b"",
                (false, 0) => b"[",
                (false, _) => b",",
            };
            line.extend_from_slice(between);
            let at = self.stored(row);
            let found = readers.iter().map(|reader| reader.find(at));
            let found: Vec<_> = found.collect::<Result<_>>()?;
            let fields = found.iter().zip(features.iter());
            let fields =
                fields.map(|(found, (name, feature))| (name, found.reader(), feature, found.at));
            style
                .object(&mut line, fields)
                .map_err(|message| no_text(path, row, &message))?;
            if options.lines {
                line.push(b'\n');
            }
            file.write_all(&line).map_err(unwritable(path))?;
        }
        if !options.lines {
            let end: &[u8] = if self.is_empty() { b"[]\n" } else { b"]\n" };
            file.write_all(end).map_err(unwritable(path))?;
        }
        file.keep().map_err(unwritable(path))
    }
}

/// A row has bytes that are no text.
fn no_text(path: &Path, row: usize, message: &str) -> Error {
    Error::File {
        path: path.to_owned(),
        message: format!("row {row}, column {message}"),
        source: None,
    }
}

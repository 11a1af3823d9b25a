use std::{borrow::Cow, ops::Range};

use crate::{Error, Feature, Reader, Result};

/// One value of a column, not read yet.
pub(crate) struct Cell<'r, 'a> {
    pub(crate) name: &'r str,
    pub(crate) feature: &'r Feature,
    pub(crate) reader: &'r Reader<'a>,
    /// The row of the stored column.
    pub(crate) at: usize,
    /// The row of the data set, for messages.
    pub(crate) row: Option<usize>,
}

impl<'r, 'a> Cell<'r, 'a> {
    pub(crate) fn bool(&self) -> Result<bool> {
        match self.reader {
            Reader::Bool(values) if self.is_present() => Ok(values.value(self.at)),
            _ => Err(self.wrong("bool")),
        }
    }

    pub(crate) fn int(&self) -> Result<i64> {
        match self.reader {
            Reader::Int(values) if self.is_present() => {
                let value = values.int(self.at);
                value.ok_or_else(|| self.wrong("a whole number below 2^63"))
            }
            Reader::Bool(values) if self.is_present() => Ok(values.value(self.at).into()),
            _ => Err(self.wrong("a whole number")),
        }
    }

    pub(crate) fn float(&self) -> Result<f64> {
        match self.reader {
            Reader::Float32(values) if self.is_present() => Ok(values.value(self.at).into()),
            Reader::Float64(values) if self.is_present() => Ok(values.value(self.at)),
            Reader::Int(values) if self.is_present() => Ok(values.float(self.at)),
            _ => Err(self.wrong("a number")),
        }
    }

    pub(crate) fn str(&self) -> Result<&'a str> {
        match self.reader {
            Reader::Str(values) if self.is_present() => Ok(values.value(self.at)),
            _ => Err(self.wrong("string")),
        }
    }

    pub(crate) fn int_list(&self) -> Result<Cow<'a, [i64]>> {
        const EXPECTED: &str = "a list of whole numbers";
        let (values, range) = self.list(EXPECTED)?;
        let whole = match values {
            _ if range.is_empty() => Some(Cow::Borrowed(&[][..])),
            Reader::Int(values) => values.whole(range),
            Reader::Bool(values) => values
                .whole(range)
                .map(|values| values.into_iter().map(i64::from).collect()),
            _ => None,
        };
        whole.ok_or_else(|| self.wrong(EXPECTED))
    }

    pub(crate) fn float_list(&self) -> Result<Cow<'a, [f64]>> {
        const EXPECTED: &str = "a list of numbers";
        let (values, range) = self.list(EXPECTED)?;
        let whole = match values {
            Reader::Float64(values) => values.whole(range).map(Cow::Borrowed),
            Reader::Float32(values) => values.whole(range).map(|values| {
                let values = values.iter().map(|value| f64::from(*value));
                values.collect()
            }),
            _ => self.int_list().ok().map(|values| {
                let values = values.iter().map(|value| *value as f64);
                values.collect()
            }),
        };
        whole.ok_or_else(|| self.wrong(EXPECTED))
    }

    pub(crate) fn str_list(&self) -> Result<Vec<&'a str>> {
        const EXPECTED: &str = "a list of strings";
        let (values, range) = self.list(EXPECTED)?;
        let whole = match values {
            _ if range.is_empty() => Some(Vec::new()),
            Reader::Str(values) => values.whole(range),
            _ => None,
        };
        whole.ok_or_else(|| self.wrong(EXPECTED))
    }

    pub(crate) fn list_len(&self) -> Result<usize> {
        let (_, range) = self.list("a list")?;
        Ok(range.len())
    }

    /// The elements of all lists, and where those of this one stand.
    fn list(&self, expected: &str) -> Result<(&'r Reader<'a>, Range<usize>)> {
        match self.reader {
            Reader::List(lists, values) if self.is_present() => {
                Ok((values.as_ref(), lists.range(self.at)))
            }
            _ => Err(self.wrong(expected)),
        }
    }

    fn is_present(&self) -> bool {
        !self.reader.is_null(self.at)
    }

    fn wrong(&self, expected: &str) -> Error {
        let found = match self.is_present() {
            true => format!("{} {}", self.feature, self.reader.value(self.at).excerpt()),
            false => "null".to_owned(),
        };
        Error::WrongType {
            column: self.name.to_owned(),
            row: self.row,
            expected: expected.to_owned(),
            found,
        }
    }
}

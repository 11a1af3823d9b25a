use std::borrow::Cow;

use arrow2::array::Array;

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
            Reader::Int64(values) if self.is_present() => Ok(values.value(self.at)),
            Reader::Int32(values) if self.is_present() => Ok(values.value(self.at).into()),
            Reader::Bool(values) if self.is_present() => Ok(values.value(self.at).into()),
            Reader::UInt64(values) if self.is_present() => {
                let value = values.value(self.at).try_into();
                value.map_err(|_| self.wrong("a whole number below 2^63"))
            }
            _ => Err(self.wrong("a whole number")),
        }
    }

    pub(crate) fn float(&self) -> Result<f64> {
        match self.reader {
            Reader::Float32(values) if self.is_present() => Ok(values.value(self.at).into()),
            Reader::Float64(values) if self.is_present() => Ok(values.value(self.at)),
            Reader::Int32(values) if self.is_present() => Ok(values.value(self.at).into()),
            Reader::Int64(values) if self.is_present() => Ok(values.value(self.at) as f64),
            Reader::UInt64(values) if self.is_present() => Ok(values.value(self.at) as f64),
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
        let (values, start, end) = self.list(EXPECTED)?;
        match values {
            Reader::Int64(values) if no_null(*values, start, end) => {
                Ok(Cow::Borrowed(&values.values()[start..end]))
            }
            Reader::Int32(values) if no_null(*values, start, end) => Ok(values.values()
                [start..end]
                .iter()
                .map(|value| i64::from(*value))
                .collect()),
            Reader::Bool(values) if no_null(*values, start, end) => {
                Ok((start..end).map(|at| i64::from(values.value(at))).collect())
            }
            Reader::UInt64(values) if no_null(*values, start, end) => {
                let values = values.values()[start..end].iter();
                let values: Result<Vec<i64>, _> = values.map(|v| i64::try_from(*v)).collect();
                values.map_or_else(|_| Err(self.wrong(EXPECTED)), |v| Ok(Cow::Owned(v)))
            }
            _ if start == end => Ok(Cow::Borrowed(&[])),
            _ => Err(self.wrong(EXPECTED)),
        }
    }

    pub(crate) fn float_list(&self) -> Result<Cow<'a, [f64]>> {
        const EXPECTED: &str = "a list of numbers";
        let (values, start, end) = self.list(EXPECTED)?;
        match values {
            Reader::Float64(values) if no_null(*values, start, end) => {
                Ok(Cow::Borrowed(&values.values()[start..end]))
            }
            Reader::Float32(values) if no_null(*values, start, end) => Ok(values.values()
                [start..end]
                .iter()
                .map(|value| f64::from(*value))
                .collect()),
            _ => {
                let values = self.int_list().map_err(|_| self.wrong(EXPECTED))?;
                Ok(values.iter().map(|value| *value as f64).collect())
            }
        }
    }

    pub(crate) fn str_list(&self) -> Result<Vec<&'a str>> {
        const EXPECTED: &str = "a list of strings";
        let (values, start, end) = self.list(EXPECTED)?;
        match values {
            Reader::Str(values) if no_null(*values, start, end) => {
                Ok((start..end).map(|at| values.value(at)).collect())
            }
            _ if start == end => Ok(Vec::new()),
            _ => Err(self.wrong(EXPECTED)),
        }
    }

    pub(crate) fn list_len(&self) -> Result<usize> {
        let (_, start, end) = self.list("a list")?;
        Ok(end - start)
    }

    fn list(&self, expected: &str) -> Result<(&'r Reader<'a>, usize, usize)> {
        match self.reader {
            Reader::List(lists, values) if self.is_present() => {
                let (start, end) = lists.offsets().start_end(self.at);
                Ok((values.as_ref(), start, end))
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

fn no_null(values: &dyn Array, start: usize, end: usize) -> bool {
    values.null_count() == 0 || (start..end).all(|at| values.is_valid(at))
}

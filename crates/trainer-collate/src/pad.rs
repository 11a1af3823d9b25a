//! Columns of lists that are filled up to one length.

use std::borrow::Cow;

use tch::Tensor;
use trainer_data::{ColumnRows, Feature, Rows, Value};
use trainer_tokenize::Side;

use crate::{Error, Result};

/// A column of whole numbers as one list a sequence. A row is one sequence, or several: the choices of a question.
pub(crate) struct Lists<'c> {
    name: &'c str,
    lists: Vec<Cow<'c, [i64]>>,
    /// For each list which of the batch's rows it is of.
    of: Vec<usize>,
    /// The rows' numbers in the data set.
    numbers: Vec<usize>,
}

impl<'c> Lists<'c> {
    /// One sequence a row.
    pub(crate) fn of_rows(rows: &Rows<'_>, column: &'c ColumnRows<'_>) -> Result<Self> {
        let lists = (0..rows.len()).map(|k| int_list(rows, column, k));
        Ok(Self {
            name: column.name(),
            lists: lists.collect::<Result<_>>()?,
            of: (0..rows.len()).collect(),
            numbers: numbers(rows),
        })
    }

    /// As many sequences a row as the lists of lists have, which is the same number for all rows.
    pub(crate) fn of_choices(rows: &Rows<'_>, column: &'c ColumnRows<'_>) -> Result<Self> {
        match column.feature() {
            Feature::List(lists) if is_int_list(lists) => {}
            _ => return Err(not_numbers(column)),
        }
        let mut all = Self {
            name: column.name(),
            lists: Vec::new(),
            of: Vec::new(),
            numbers: numbers(rows),
        };
        for (k, &row) in all.numbers.iter().enumerate() {
            let Value::List(choices) = column.value(k)? else {
                return Err(null(column, row));
            };
            for choice in &choices {
                let ids = ints(choice).ok_or_else(|| misfit(column, row, choice))?;
                all.lists.push(Cow::Owned(ids));
                all.of.push(k);
            }
        }
        Ok(all)
    }

    pub(crate) fn name(&self) -> &'c str {
        self.name
    }

    /// How many sequences each row has, at least one and the same number for all.
    pub(crate) fn num_choices(&self) -> Result<usize> {
        let mut counts = vec![0; self.numbers.len()];
        for &k in &self.of {
            counts[k] += 1;
        }
        let expected = counts.first().copied().unwrap_or(0).max(1);
        match counts.iter().position(|&found| found != expected) {
            None => Ok(expected),
            Some(k) => Err(Error::Choices {
                column: self.name.to_owned(),
                row: self.numbers[k],
                expected,
                found: counts[k],
            }),
        }
    }

    /// All sequences one behind the other, with `first` in place of the first number of each.
    pub(crate) fn concat(&self, first: Option<i64>) -> Vec<i64> {
        let mut all = Vec::with_capacity(self.lists.iter().map(|list| list.len()).sum());
        for list in &self.lists {
            let begin = all.len();
            all.extend_from_slice(list);
            if let (Some(number), Some(first)) = (first, all.get_mut(begin)) {
                *first = number;
            }
        }
        all
    }

    /// Looks whether the sequences have these lengths.
    pub(crate) fn check_lengths(&self, expected: &[usize]) -> Result<()> {
        for (k, (list, &expected)) in self.lists.iter().zip(expected).enumerate() {
            if list.len() != expected {
                return Err(Error::Misaligned {
                    column: self.name.to_owned(),
                    row: self.row(k),
                    expected,
                    found: list.len(),
                });
            }
        }
        Ok(())
    }

    pub(crate) fn lengths(&self) -> Vec<usize> {
        self.lists.iter().map(|list| list.len()).collect()
    }

    /// The number of the row of sequence `k`.
    pub(crate) fn row(&self, k: usize) -> usize {
        self.numbers[self.of[k]]
    }
}

/// The sequences' lengths before padding and the length that they get.
pub(crate) struct Widths {
    pub(crate) lengths: Vec<usize>,
    pub(crate) width: usize,
    pub(crate) side: Side,
}

impl Widths {
    /// The tensor `[sequences, width]`, int64, of lists that are filled with `fill`.
    pub(crate) fn pad(&self, lists: &Lists<'_>, fill: i64) -> Result<Tensor> {
        lists.check_lengths(&self.lengths)?;
        let mut flat = vec![fill; self.lengths.len() * self.width];
        for (k, (list, &length)) in lists.lists.iter().zip(&self.lengths).enumerate() {
            flat[self.place(k, length)].copy_from_slice(list);
        }
        self.tensor(&flat)
    }

    /// The tensor `[rows, width, 2]`, int64, of a column with a pair of numbers for each token, filled with zeros.
    pub(crate) fn pad_pairs(&self, rows: &Rows<'_>, column: &ColumnRows<'_>) -> Result<Tensor> {
        let mut flat = vec![0; self.lengths.len() * self.width * 2];
        for (k, &length) in self.lengths.iter().enumerate() {
            let row = rows.number(k).unwrap_or(k);
            let Value::List(pairs) = column.value(k)? else {
                return Err(null(column, row));
            };
            let numbers: Option<Vec<Vec<i64>>> = pairs.iter().map(ints).collect();
            let numbers = numbers.ok_or_else(|| misfit(column, row, &Value::List(pairs.clone())));
            let numbers = numbers?.concat();
            if numbers.len() != 2 * length {
                return Err(Error::Misaligned {
                    column: column.name().to_owned(),
                    row,
                    expected: length,
                    found: pairs.len(),
                });
            }
            let place = self.place(k, length);
            flat[2 * place.start..2 * place.end].copy_from_slice(&numbers);
        }
        let shape = [self.lengths.len() as i64, self.width as i64, 2];
        Ok(Tensor::f_from_slice(&flat)?.f_view(shape)?)
    }

    /// The attention mask of sequences that come without one: 1 for what is there, 0 for padding.
    pub(crate) fn mask(&self) -> Result<Tensor> {
        let mut flat = vec![0; self.lengths.len() * self.width];
        for (k, &length) in self.lengths.iter().enumerate() {
            flat[self.place(k, length)].fill(1);
        }
        self.tensor(&flat)
    }

    /// Where the `length` values of sequence `k` stand; none is longer than the width.
    fn place(&self, k: usize, length: usize) -> std::ops::Range<usize> {
        let begin = match self.side {
            Side::Right => k * self.width,
            Side::Left => (k + 1) * self.width - length,
        };
        begin..begin + length
    }

    fn tensor(&self, flat: &[i64]) -> Result<Tensor> {
        let shape = [self.lengths.len() as i64, self.width as i64];
        Ok(Tensor::f_from_slice(flat)?.f_view(shape)?)
    }
}

/// The whole numbers of a row's list.
fn int_list<'c>(rows: &Rows<'_>, column: &'c ColumnRows<'_>, k: usize) -> Result<Cow<'c, [i64]>> {
    let feature = column.feature();
    if feature.is_int() || feature.is_float() || *feature == Feature::Bool {
        return Err(Error::NotLists {
            column: column.name().to_owned(),
            feature: feature.clone(),
        });
    }
    if !is_int_list(feature) {
        return Err(not_numbers(column));
    }
    if column.is_null(k)? {
        return Err(null(column, rows.number(k).unwrap_or(k)));
    }
    column.int_list(k).map_err(|error| {
        let large = column.value(k).ok().as_ref().and_then(too_large);
        match large {
            Some(value) => Error::TooLarge {
                column: column.name().to_owned(),
                row: rows.number(k).unwrap_or(k),
                value,
            },
            None => error.into(),
        }
    })
}

fn is_int_list(feature: &Feature) -> bool {
    matches!(feature, Feature::List(element) if element.is_int() || **element == Feature::Bool)
}

/// The numbers of a list; nothing where one is missing.
fn ints(list: &Value) -> Option<Vec<i64>> {
    let Value::List(values) = list else {
        return None;
    };
    let int = |value: &Value| match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        _ => None,
    };
    values.iter().map(int).collect()
}

fn numbers(rows: &Rows<'_>) -> Vec<usize> {
    let number = |k| rows.number(k).unwrap_or(k);
    (0..rows.len()).map(number).collect()
}

fn not_numbers(column: &ColumnRows<'_>) -> Error {
    Error::NotNumbers {
        column: column.name().to_owned(),
        feature: column.feature().clone(),
    }
}

/// Why a value is no list of whole numbers, in a column of such.
fn misfit(column: &ColumnRows<'_>, row: usize, value: &Value) -> Error {
    match too_large(value) {
        Some(value) => Error::TooLarge {
            column: column.name().to_owned(),
            row,
            value,
        },
        None => null(column, row),
    }
}

/// The first number, at any depth, that is 2^63 or more.
fn too_large(value: &Value) -> Option<u64> {
    match value {
        Value::UInt(value) => Some(*value),
        Value::List(values) => values.iter().find_map(too_large),
        _ => None,
    }
}

fn null(column: &ColumnRows<'_>, row: usize) -> Error {
    Error::Null {
        column: column.name().to_owned(),
        row,
    }
}

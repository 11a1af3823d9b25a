use std::cmp::Ordering;

use super::Dataset;
use crate::{Error, Feature, Reader, Result};

/// A column to sort by, for [`Dataset::sort_by`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SortKey {
    column: String,
    reverse: bool,
}

impl SortKey {
    /// From the smallest value of `column` to the largest.
    pub fn new(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reverse: false,
        }
    }

    /// From the largest value to the smallest, if `reverse`.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }
}

impl Dataset {
    /// The rows from the smallest value of `column` to the largest, those without a value last; rows of the same value stay in
    /// their order.
    ///
    /// # Errors
    /// As [`Self::sort_by`].
    pub fn sort(&self, column: &str) -> Result<Self> {
        self.sort_by(&[SortKey::new(column)], false)
    }

    /// The rows in the order of the first of `keys`, those that are the same there in the order of the next, and so on: numbers
    /// by size, class labels by their numbers, texts and bytes by bytes, `false` before `true`. Rows without a value stand last,
    /// or first if `nulls_first`, and next to them those that are NaN.
    ///
    /// ```
    /// use trainer_data::{Column, Columns, Dataset, SortKey};
    /// let columns = Columns::new().with("a", Column::ints([1, 2, 1])).with("b", Column::strings(["x", "y", "z"]));
    /// let data = Dataset::from_columns(columns)?;
    /// let sorted = data.sort_by(&[SortKey::new("a"), SortKey::new("b").reverse(true)], false)?;
    /// assert_eq!(sorted.row(0)?.str("b")?, "z");
    /// # Ok::<(), trainer_data::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownColumn`]; [`Error::WrongType`] for a column of lists or structs.
    pub fn sort_by(&self, keys: &[SortKey], nulls_first: bool) -> Result<Self> {
        let mut keys_in_memory = Vec::with_capacity(keys.len());
        for key in keys {
            let (name, column) = self.find(&key.column)?;
            if let feature @ (Feature::List(_) | Feature::Struct(_)) = column.feature() {
                return Err(Error::WrongType {
                    column: name.to_owned(),
                    row: None,
                    expected: "single values, which have an order".to_owned(),
                    found: feature.to_string(),
                });
            }
            keys_in_memory.push((column.in_memory()?, column.feature(), key.reverse));
        }
        let by = keys_in_memory.iter();
        let by =
            by.map(|(array, feature, reverse)| (Reader::new(array.as_ref(), feature), *reverse));
        let by: Vec<_> = by.collect();
        let compare = |one: &usize, other: &usize| {
            let (one, other) = (self.stored(*one), self.stored(*other));
            let mut orders = by.iter();
            let first = orders.find_map(|(reader, reverse)| {
                let order = compared(reader, one, other, *reverse, nulls_first);
                (order != Ordering::Equal).then_some(order)
            });
            first.unwrap_or(Ordering::Equal)
        };
        let mut rows: Vec<usize> = (0..self.num_rows()).collect();
        rows.sort_by(compare);
        Ok(self.choose(rows.into_iter()))
    }
}

/// How the values at two places stand to one another.
fn compared(
    reader: &Reader<'_>,
    one: usize,
    other: usize,
    reverse: bool,
    nulls_first: bool,
) -> Ordering {
    // A value, then what is not a number, then what is missing; the other way round where those come first.
    let rank = |at: usize| {
        let is_nan = match reader {
            Reader::Float32(values) => values.value(at).is_nan(),
            Reader::Float64(values) => values.value(at).is_nan(),
            _ => false,
        };
        match (reader.is_null(at), is_nan) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    };
    let (left, right) = (rank(one), rank(other));
    if left != right {
        let order = left.cmp(&right);
        return if nulls_first { order.reverse() } else { order };
    }
    if left != 0 {
        return Ordering::Equal;
    }
    let order = match reader {
        Reader::Bool(values) => values.value(one).cmp(&values.value(other)),
        Reader::Int(values) => values.compare(one, other),
        Reader::Float32(values) => partial(values.value(one), values.value(other)),
        Reader::Float64(values) => partial(values.value(one), values.value(other)),
        Reader::Str(values) => values.value(one).cmp(values.value(other)),
        Reader::Bytes(values) => values.value(one).cmp(values.value(other)),
        Reader::Quantity(_, counts) => counts.value(one).cmp(&counts.value(other)),
        Reader::Null | Reader::List(..) | Reader::Struct(..) => Ordering::Equal,
    };
    if reverse { order.reverse() } else { order }
}

fn partial<F: PartialOrd>(one: F, other: F) -> Ordering {
    one.partial_cmp(&other).unwrap_or(Ordering::Equal)
}

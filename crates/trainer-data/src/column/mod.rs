//! Columns: one Arrow array each, and the feature that says what its values mean.

mod build;
mod builder;
mod cast;
mod columns;
mod reader;
mod take;

use std::sync::Arc;

use arrow2::array::Array;

pub use build::Element;
pub(crate) use builder::{ColumnBuilder, whole};
pub(crate) use cast::convert;
pub use columns::Columns;
pub(crate) use reader::{Counts, Reader};
pub(crate) use take::concatenate;

use crate::{Feature, Value};

/// One column: an Arrow array and its [`Feature`]. Clones share the array.
///
/// ```
/// use trainer_data::{Column, Feature};
/// let ids = Column::int_lists([vec![101_i64, 102], vec![101, 7, 102]]);
/// assert_eq!(ids.len(), 2);
/// assert_eq!(ids.feature(), &Feature::list(Feature::Int64));
/// ```
#[derive(Clone)]
pub struct Column {
    feature: Feature,
    array: Arc<dyn Array>,
}

impl Column {
    /// A column of an array that has the layout of `feature`; the callers see to that.
    pub(crate) fn of(feature: Feature, array: impl Into<Arc<dyn Array>>) -> Self {
        let array = array.into();
        debug_assert_eq!(array.data_type(), &feature.data_type());
        Self { feature, array }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.array.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.array.len() == 0
    }

    /// The type.
    #[must_use]
    pub fn feature(&self) -> &Feature {
        &self.feature
    }

    /// The value of `row`, or nothing past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Value> {
        (row < self.len()).then(|| self.reader().value(row))
    }

    /// All values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        let reader = self.reader();
        (0..self.len()).map(move |row| reader.value(row))
    }

    pub(crate) fn array(&self) -> &dyn Array {
        self.array.as_ref()
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(self.array(), &self.feature)
    }
}

/// The feature and the number of rows.
impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column({}, {} rows)", self.feature, self.len())
    }
}

/// Columns are equal when their features and all values are.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.feature == other.feature && arrow2::array::equal(self.array(), other.array())
    }
}

//! Columns: Arrow arrays, and the feature that says what their values mean.

mod build;
mod builder;
mod cast;
mod chunks;
mod columns;
mod int_builder;
mod ints;
mod mapped_chunk;
mod reader;
mod take;
mod values;

use std::sync::Arc;

use arrow2::array::Array;

pub use build::Element;
pub(crate) use builder::{ColumnBuilder, whole};
pub(crate) use cast::convert;
pub(crate) use chunks::{Chunk, Chunks, ColumnReader};
pub use columns::Columns;
pub(crate) use mapped_chunk::{Damaged, MappedChunk, Stored};
pub(crate) use reader::{Counts, Reader};
pub(crate) use take::{concatenate, take_some};

use crate::{Feature, Result, Value};

/// One column: Arrow arrays, one behind the other, and their [`Feature`]. Clones share the arrays.
///
/// They lie in memory, or in a file that [`Dataset::load_from_disk`](crate::Dataset::load_from_disk) has mapped.
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
    chunks: Chunks,
}

impl Column {
    /// A column of an array that has the layout of `feature`; the callers see to that.
    pub(crate) fn of(feature: Feature, array: impl Into<Arc<dyn Array>>) -> Self {
        let array = array.into();
        debug_assert_eq!(array.data_type(), &feature.data_type());
        let chunks = Chunks::one(array);
        Self { feature, chunks }
    }

    /// A column of chunks that have the layout of `feature`; the callers see to that.
    pub(crate) fn of_chunks(feature: Feature, chunks: Vec<Chunk>) -> Self {
        let chunks = Chunks::new(chunks);
        Self { feature, chunks }
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type.
    #[must_use]
    pub fn feature(&self) -> &Feature {
        &self.feature
    }

    /// The value of `row`, or nothing past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Value> {
        (row < self.len()).then(|| value(&self.reader(), row))
    }

    /// All values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        let reader = self.reader();
        (0..self.len()).map(move |row| value(&reader, row))
    }

    pub(crate) fn chunks(&self) -> &Chunks {
        &self.chunks
    }

    pub(crate) fn reader(&self) -> ColumnReader<'_> {
        ColumnReader::new(self)
    }

    /// The column, once all of it was looked at: reading it fails no more.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) for a mapped file that is damaged.
    pub(crate) fn check(&self) -> Result<&Self> {
        for chunk in self.chunks.iter() {
            if let Chunk::Mapped(chunk) = chunk {
                chunk.array(&self.feature)?;
            }
        }
        Ok(self)
    }
}

/// A value of a column that was checked, or lies in memory, as all do that users get.
fn value(reader: &ColumnReader<'_>, row: usize) -> Value {
    reader.value(row).unwrap_or(Value::Null)
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
        if self.feature != other.feature || self.len() != other.len() {
            return false;
        }
        match (self.chunks.whole(), other.chunks.whole()) {
            (Some(one), Some(other)) => arrow2::array::equal(one.as_ref(), other.as_ref()),
            _ => self.iter().eq(other.iter()),
        }
    }
}

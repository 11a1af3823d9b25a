use std::sync::Arc;

use arrow2::array::Array;

use super::{MappedChunk, Reader};
use crate::{Column, Feature, Result, Value};

/// Some rows of a column that lie together.
#[derive(Clone)]
pub(crate) enum Chunk {
    InMemory(Arc<dyn Array>),
    Mapped(Arc<MappedChunk>),
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::InMemory(array) => array.len(),
            Self::Mapped(chunk) => chunk.len(),
        }
    }

    pub(super) fn is_in_memory(&self) -> bool {
        matches!(self, Self::InMemory(_))
    }

    pub(super) fn reader<'a>(&'a self, feature: &'a Feature) -> Result<Reader<'a>> {
        match self {
            Self::InMemory(array) => Ok(Reader::new(array.as_ref(), feature)),
            Self::Mapped(chunk) => chunk.reader(feature),
        }
    }
}

/// The chunks of a column, in order.
#[derive(Clone)]
pub(crate) struct Chunks {
    all: Arc<[Chunk]>,
    /// The first row of each, and one behind the last: as many as there are chunks, and one more.
    starts: Arc<[usize]>,
}

impl Chunks {
    pub(crate) fn one(array: Arc<dyn Array>) -> Self {
        let starts = Arc::new([0, array.len()]);
        let all = Arc::new([Chunk::InMemory(array)]);
        Self { all, starts }
    }

    pub(crate) fn new(all: Vec<Chunk>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for chunk in &all {
            end += chunk.len();
            starts.push(end);
        }
        Self {
            all: all.into(),
            starts: starts.into(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Chunk> {
        self.all.iter()
    }

    /// Chunk `number`, which is there; the callers see to that.
    pub(crate) fn get(&self, number: usize) -> &Chunk {
        &self.all[number]
    }

    /// The array, where there is one and it lies in memory.
    pub(crate) fn whole(&self) -> Option<&Arc<dyn Array>> {
        match self.all.as_ref() {
            [Chunk::InMemory(array)] => Some(array),
            _ => None,
        }
    }

    /// The number of the chunk that `row` is in, and its row there.
    pub(crate) fn find(&self, row: usize) -> (usize, usize) {
        // Behind the last chunk that begins at `row` or before; those without rows begin where the next one does.
        let at = self.starts.partition_point(|start| *start <= row) - 1;
        (at, row - self.starts[at])
    }
}

/// Reads the rows of a column, wherever they lie.
pub(crate) struct ColumnReader<'a> {
    column: &'a Column,
    /// Of a column that is one array in memory.
    whole: Option<Reader<'a>>,
}

/// The reader that has a row, and which of its rows it is.
pub(crate) struct Found<'r, 'a> {
    reader: FoundReader<'r, 'a>,
    pub(crate) at: usize,
}

enum FoundReader<'r, 'a> {
    Whole(&'r Reader<'a>),
    OfChunk(Reader<'a>),
}

impl<'a> Found<'_, 'a> {
    pub(crate) fn reader(&self) -> &Reader<'a> {
        match &self.reader {
            FoundReader::Whole(reader) => reader,
            FoundReader::OfChunk(reader) => reader,
        }
    }
}

impl<'a> ColumnReader<'a> {
    pub(crate) fn new(column: &'a Column) -> Self {
        let whole = column.chunks.whole();
        let whole = whole.map(|array| Reader::new(array.as_ref(), column.feature()));
        Self { column, whole }
    }

    /// Where `row` is, which is one of the column's; the callers see to that.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) for a damaged part of a mapped file.
    pub(crate) fn find(&self, row: usize) -> Result<Found<'_, 'a>> {
        if let Some(whole) = &self.whole {
            let reader = FoundReader::Whole(whole);
            return Ok(Found { reader, at: row });
        }
        let chunks = &self.column.chunks;
        let (chunk, at) = chunks.find(row);
        let reader = FoundReader::OfChunk(chunks.get(chunk).reader(self.column.feature())?);
        Ok(Found { reader, at })
    }

    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn value(&self, row: usize) -> Result<Value> {
        let found = self.find(row)?;
        Ok(found.reader().value(found.at))
    }

    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn is_null(&self, row: usize) -> Result<bool> {
        let found = self.find(row)?;
        Ok(found.reader().is_null(found.at))
    }
}

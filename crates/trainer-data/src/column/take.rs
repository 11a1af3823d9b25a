use std::{collections::HashMap, sync::Arc};

use arrow2::array::{Array, growable::make_growable, new_empty_array};

use super::{Chunk, Column, ColumnBuilder};
use crate::{
    Result,
    source::apache::{Budget, Growing, Picked},
};

/// Parts in memory that have fewer rows than this, on average, are copied into one where columns are joined.
const SMALL: usize = 512;

/// So many rows of one chunk are taken at a time.
const LONGEST_RUN: usize = 4096;

impl Column {
    /// The given rows, in the given order, in memory. Every row number is below the number of rows; the callers see to that.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) for a damaged part of a mapped file.
    pub(crate) fn take(&self, rows: impl ExactSizeIterator<Item = usize>) -> Result<Self> {
        Ok(Self::of(self.feature.clone(), self.gather(rows)?))
    }

    /// All rows, as one array in memory.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(crate) fn in_memory(&self) -> Result<Arc<dyn Array>> {
        match self.chunks.whole() {
            Some(array) => Ok(Arc::clone(array)),
            None => Ok(self.gather(0..self.len())?.into()),
        }
    }

    fn gather(&self, rows: impl ExactSizeIterator<Item = usize>) -> Result<Box<dyn Array>> {
        if let Some(array) = self.chunks.whole() {
            let mut taken = make_growable(&[array.as_ref()], false, rows.len());
            rows.for_each(|row| taken.extend(0, row, 1));
            return Ok(taken.as_box());
        }
        if self.chunks.iter().all(|chunk| !chunk.is_in_memory()) {
            return self.gather_mapped(rows);
        }
        let places: Vec<Place<'_>> = rows.map(|row| Place::of(self, row)).collect();
        if places.is_empty() {
            return Ok(new_empty_array(self.feature.data_type()));
        }
        if let Some(taken) = in_memory(&places) {
            return Ok(taken);
        }
        // Some lie here and some there.
        let mut builder = ColumnBuilder::new(&self.feature);
        for place in &places {
            let value = place.chunk.reader(&self.feature)?.value(place.at);
            builder
                .push(&value)
                .map_err(|refused| refused.at("", None))?;
        }
        Ok(builder.finish_array())
    }

    /// As [`Self::gather`], of a column that has no chunk in memory.
    fn gather_mapped(&self, rows: impl Iterator<Item = usize>) -> Result<Box<dyn Array>> {
        let mut growing = Growing::new(&self.feature);
        let mut rows = rows.map(|row| self.chunks.find(row)).peekable();
        let mut last = None;
        while let Some((number, at)) = rows.next() {
            let Chunk::Mapped(chunk) = self.chunks.get(number) else {
                continue;
            };
            let mut run = vec![Some(at)];
            while run.len() < LONGEST_RUN
                && let Some((_, at)) = rows.next_if(|(next, _)| *next == number)
            {
                run.push(Some(at));
            }
            let array = chunk.array(&self.feature)?;
            growing
                .extend(array.as_ref(), &Picked::Some(run), &mut Budget::unlimited())
                .map_err(|message| chunk.damaged(message))?;
            last = Some(chunk);
        }
        let Some(chunk) = last else {
            return Ok(new_empty_array(self.feature.data_type()));
        };
        let array = growing.array();
        array.map_err(|error| chunk.damaged(error.to_string()).into())
    }
}

/// Where a row lies.
struct Place<'a> {
    number: usize,
    chunk: &'a Chunk,
    at: usize,
}

impl<'a> Place<'a> {
    fn of(column: &'a Column, row: usize) -> Self {
        let (number, at) = column.chunks.find(row);
        let chunk = column.chunks.get(number);
        Self { number, chunk, at }
    }
}

/// The rows, if all lie in memory.
fn in_memory(places: &[Place<'_>]) -> Option<Box<dyn Array>> {
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut arrays: Vec<&dyn Array> = Vec::new();
    for place in places {
        let Chunk::InMemory(array) = place.chunk else {
            return None;
        };
        numbers.entry(place.number).or_insert_with(|| {
            arrays.push(array.as_ref());
            arrays.len() - 1
        });
    }
    let mut taken = make_growable(&arrays, false, places.len());
    for place in places {
        taken.extend(numbers[&place.number], place.at, 1);
    }
    Some(taken.as_box())
}

/// The given rows of an array, with a missing value where no row is named.
pub(crate) fn take_some(
    array: &dyn Array,
    rows: impl ExactSizeIterator<Item = Option<usize>>,
) -> Box<dyn Array> {
    let mut taken = make_growable(&[array], true, rows.len());
    for row in rows {
        match row {
            Some(row) => taken.extend(0, row, 1),
            None => taken.extend_validity(1),
        }
    }
    taken.as_box()
}

/// The rows of all `columns`, which have the same feature, one after the other.
pub(crate) fn concatenate(columns: &[Column]) -> Option<Column> {
    let first = columns.first()?;
    if columns.len() == 1 {
        return Some(first.clone());
    }
    let chunks = columns.iter().flat_map(|column| column.chunks.iter());
    let chunks: Vec<Chunk> = chunks.filter(|chunk| chunk.len() > 0).cloned().collect();
    let column = Column::of_chunks(first.feature.clone(), chunks);
    let is_small = column.len() / column.chunks.iter().len().max(1) < SMALL;
    let are_in_memory = column.chunks.iter().all(Chunk::is_in_memory);
    match is_small && are_in_memory {
        true => column
            .in_memory()
            .ok()
            .map(|array| Column::of(first.feature.clone(), array)),
        false => Some(column),
    }
}

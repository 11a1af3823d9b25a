//! Arrow files that are read where they lie.

use std::{collections::HashMap, path::Path, sync::Arc};

use arrow_array::{ArrayRef, new_empty_array};
use arrow_buffer::Buffer;
use arrow_ipc::{MessageHeader, reader};
use arrow_schema::SchemaRef;

use super::{
    apache::Budget,
    arrow_file::{self, Messages, Place, ipc, parsed},
    declared, mapping,
    table::{chosen, damaged, guarded, typed, unreadable},
};
use crate::{
    BoxError, Column, Columns, Result, caught,
    column::{Chunk, Damaged, MappedChunk, Reader, Stored},
    regular_file,
};

/// The columns of an Arrow file or stream, mapped; of them `wanted` alone, if there is such a list. Nothing where they must
/// be read instead: packed ones, and types that this project stores as others.
///
/// No row is looked at: what is wrong with one is found when it is read.
pub(crate) fn map(path: &Path, wanted: Option<&[String]>) -> Result<Option<Columns>> {
    guarded(path, || {
        let unread = |source| unreadable(path, source);
        let (file, length) = regular_file::open(path).map_err(unread)?;
        if length == 0 {
            return Ok(None);
        }
        let all = mapping::map(&file).map_err(unread)?;
        let length = all.len() as u64;
        let mut messages = Messages::new(Mapped { all, offset: 0 }, length);
        let schema = messages.open().map_err(|source| damaged(path, source))?;
        let columns = chosen(path, &schema, wanted)?;
        let stay = columns.iter().all(|(place, _, feature)| {
            let empty = new_empty_array(schema.field(*place).data_type());
            Reader::mapped(empty.as_ref(), feature).is_some()
        });
        if !stay {
            return Ok(None);
        }
        let batches = batches(path, &schema, &mut messages, columns.len());
        let Some(batches) = batches.map_err(|source| damaged(path, source))? else {
            return Ok(None);
        };
        let mut mapped = Columns::new();
        for (place, name, feature) in columns {
            let chunks = batches.iter().map(|(rows, batch)| {
                let batch = Arc::clone(batch);
                let stored = Arc::new(StoredColumn { batch, place });
                Chunk::Mapped(Arc::new(MappedChunk::new(*rows, stored)))
            });
            mapped.insert(name, Column::of_chunks(feature, chunks.collect()));
        }
        if let Some(metadata) = schema.metadata().get("huggingface") {
            mapped = typed(path, mapped, &declared::from_metadata(metadata))?;
        }
        Ok(Some(mapped))
    })
}

/// The columns of an Arrow file of this project: mapped, or read where that cannot be.
pub(crate) fn map_arrow_file(path: &Path) -> Result<Columns> {
    match map(path, None)? {
        Some(columns) => Ok(columns),
        None => arrow_file::read(path, None),
    }
}

/// How many rows each batch has, and where it is; nothing if one is packed, or has texts in a dictionary.
type Batches = Option<Vec<(usize, Arc<Batch>)>>;

fn batches(
    path: &Path,
    schema: &SchemaRef,
    messages: &mut Messages<Mapped>,
    columns: usize,
) -> Result<Batches, BoxError> {
    let mut budget = Budget::of_file(messages.length());
    let mut batches = Vec::new();
    while let Some((message, body)) = messages.next()? {
        let parsed = parsed(&message)?;
        match parsed.header_type() {
            MessageHeader::NONE => continue,
            MessageHeader::RecordBatch => {}
            _ => return Ok(None),
        }
        let batch = parsed.header_as_record_batch();
        let batch = batch.ok_or_else(|| ipc("a message is no batch"))?;
        if batch.compression().is_some() {
            return Ok(None);
        }
        let rows = usize::try_from(batch.length())?;
        budget.take(rows.saturating_mul(columns.max(1)), 8)?;
        let batch = Batch {
            path: path.into(),
            schema: Arc::clone(schema),
            message,
            body,
        };
        batches.push((rows, Arc::new(batch)));
    }
    Ok(Some(batches))
}

/// A mapped file, and how far it was read.
struct Mapped {
    all: Buffer,
    offset: usize,
}

impl Place for Mapped {
    fn go_to(&mut self, offset: u64) -> Result<(), BoxError> {
        self.offset = usize::try_from(offset)?.min(self.all.len());
        Ok(())
    }

    fn offset(&mut self) -> Result<u64, BoxError> {
        Ok(self.offset as u64)
    }

    fn bytes(&mut self, count: usize) -> Result<Buffer, BoxError> {
        let bytes = self.all.slice_with_length(self.offset, count);
        self.offset += count;
        Ok(bytes)
    }
}

/// A batch of rows in a mapped file.
struct Batch {
    path: Arc<Path>,
    schema: SchemaRef,
    message: Buffer,
    body: Buffer,
}

struct StoredColumn {
    batch: Arc<Batch>,
    /// Which of the file's columns it is.
    place: usize,
}

impl StoredColumn {
    fn array(&self) -> Result<ArrayRef, BoxError> {
        let message = parsed(&self.batch.message)?;
        let batch = message.header_as_record_batch();
        let batch = batch.ok_or_else(|| ipc("a message is no batch"))?;
        let columns = reader::read_record_batch(
            &self.batch.body,
            batch,
            Arc::clone(&self.batch.schema),
            &HashMap::new(),
            Some(&[self.place]),
            &message.version(),
        )?;
        let column = columns.columns().first().cloned();
        column.ok_or_else(|| ipc("a batch lacks a column"))
    }
}

impl Stored for StoredColumn {
    fn read(&self) -> Result<ArrayRef, Damaged> {
        let read = caught(|| self.array()).unwrap_or_else(Err);
        read.map_err(|error| {
            let name = self.batch.schema.field(self.place).name();
            self.damaged(format!("column {name:?}: {error}"))
        })
    }

    fn damaged(&self, message: String) -> Damaged {
        let path = self.batch.path.to_path_buf();
        let message = format!("the file is damaged: {message}");
        Damaged { path, message }
    }
}

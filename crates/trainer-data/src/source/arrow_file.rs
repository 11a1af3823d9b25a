use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::{
    Block, Message, MessageHeader, MetadataVersion, convert::try_fb_to_schema, reader,
    root_as_footer, root_as_message,
};
use arrow_schema::SchemaRef;

use super::{
    apache::Budget,
    streamed::Give,
    table::{Table, damaged, guarded, unreadable},
};
use crate::{BoxError, Columns, Result, regular_file};

/// What an Arrow file begins with; a stream does not.
const MAGIC: &[u8] = b"ARROW1";
/// What stands before the length of a message, but in streams of before 2019.
const CONTINUED: u32 = u32::MAX;

/// The columns of an Arrow IPC file, or of an Arrow stream, which is what Python's `datasets` writes; of them `wanted`
/// alone, if there is such a list.
///
/// The format lets a stream end without a marker of its end, but then half a stream looks as a whole one does. All known
/// writers of files, pyarrow and so `datasets` among them, write it.
pub(crate) fn read(path: &Path, wanted: Option<&[String]>) -> Result<Columns> {
    guarded(path, || {
        let (mut file, mut decoder, mut budget) = open(path, wanted)?;
        let mut table = Table::new(path, &decoder.schema, wanted)?;
        while let Some((message, body)) = file.next().map_err(|source| damaged(path, source))? {
            let batch = parsed(&message)
                .and_then(|message| decoder.decode(&message, &body, &budget))
                .map_err(|source| damaged(path, source))?;
            if let Some(batch) = batch {
                table.append(&batch, &mut budget)?;
            }
        }
        table.finish(None)
    })
}

/// Gives the rows of an Arrow file or stream to `give`, batch by batch; batches of the first `skip` rows are not decoded. A file
/// without rows gives its columns all the same.
pub(crate) fn each_batch(
    path: &Path,
    wanted: Option<&[String]>,
    skip: &mut u64,
    give: Give<'_>,
) -> Result<()> {
    let (mut file, mut decoder, mut budget) = open(path, wanted)?;
    if give(Table::new(path, &decoder.schema, wanted)?.finish(None)?)?.is_break() {
        return Ok(());
    }
    while let Some((message, body)) = file.next().map_err(|source| damaged(path, source))? {
        let message = parsed(&message).map_err(|source| damaged(path, source))?;
        let rows = message.header_as_record_batch().map(|batch| batch.length());
        let rows = rows.and_then(|rows| u64::try_from(rows).ok());
        if let Some(rows) = rows
            && rows <= *skip
        {
            *skip -= rows;
            continue;
        }
        let batch = decoder.decode(&message, &body, &budget);
        let Some(batch) = batch.map_err(|source| damaged(path, source))? else {
            continue;
        };
        // What is left is less than the batch has.
        let first = usize::try_from(std::mem::take(skip)).unwrap_or(usize::MAX);
        let first = first.min(batch.num_rows());
        let batch = batch.slice(first, batch.num_rows() - first);
        let mut table = Table::new(path, &decoder.schema, wanted)?;
        table.append(&batch, &mut budget)?;
        if give(table.finish(None)?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// The columns of an Arrow file or stream without its rows.
pub(crate) fn head(path: &Path, wanted: Option<&[String]>) -> Result<Columns> {
    guarded(path, || {
        let (_, decoder, _) = open(path, wanted)?;
        Table::new(path, &decoder.schema, wanted)?.finish(None)
    })
}

/// The messages of a file behind its schema, and what makes batches of them.
fn open(
    path: &Path,
    wanted: Option<&[String]>,
) -> Result<(Messages<BufReader<File>>, Decoder, Budget)> {
    let unread = |source| unreadable(path, source);
    let (file, length) = regular_file::open(path).map_err(unread)?;
    let budget = Budget::of_file(length);
    let mut file = Messages::new(BufReader::new(file), length);
    let schema = file.open().map_err(|source| damaged(path, source))?;
    let table = Table::new(path, &schema, wanted)?;
    // The decoder looks for each column among those that are wanted.
    let is_whole = table.places().len() == schema.fields().len();
    let places = (!is_whole).then(|| table.places().to_vec());
    let decoder = Decoder {
        schema,
        dictionaries: HashMap::new(),
        places,
    };
    Ok((file, decoder, budget))
}

/// Where messages are read from.
pub(super) trait Place {
    fn go_to(&mut self, offset: u64) -> Result<(), BoxError>;

    fn offset(&mut self) -> Result<u64, BoxError>;

    /// The next `count` bytes, which are there; the callers see to that.
    fn bytes(&mut self, count: usize) -> Result<Buffer, BoxError>;
}

impl Place for BufReader<File> {
    fn go_to(&mut self, offset: u64) -> Result<(), BoxError> {
        self.seek(SeekFrom::Start(offset))?;
        Ok(())
    }

    fn offset(&mut self) -> Result<u64, BoxError> {
        Ok(self.stream_position()?)
    }

    fn bytes(&mut self, count: usize) -> Result<Buffer, BoxError> {
        let mut bytes = vec![0; count];
        self.read_exact(&mut bytes)?;
        Ok(Buffer::from_vec(bytes))
    }
}

/// The messages of a file or a stream, none of which is longer than the rest of the file.
pub(super) struct Messages<P> {
    file: P,
    length: u64,
    /// Where the next dictionaries and batches of a file are, the last one first; a stream has them one behind the other.
    batches: Option<Vec<Block>>,
}

impl<P: Place> Messages<P> {
    /// Those of `file`, which has `length` bytes.
    pub(super) fn new(file: P, length: u64) -> Self {
        let batches = None;
        Self {
            file,
            length,
            batches,
        }
    }

    /// The schema; [`Self::next`] goes on behind it.
    pub(super) fn open(&mut self) -> Result<SchemaRef, BoxError> {
        let length = self.length.min(MAGIC.len() as u64);
        let start = self.bytes(length)?;
        match start.as_slice() == MAGIC {
            true => self.open_file(),
            false => self.open_stream(),
        }
    }

    fn open_stream(&mut self) -> Result<SchemaRef, BoxError> {
        self.file.go_to(0)?;
        let Some((message, _)) = self.next()? else {
            return Err(ipc("it has no schema"));
        };
        let message = parsed(&message)?;
        let schema = message
            .header_as_schema()
            .ok_or_else(|| ipc("it does not begin with a schema"))?;
        Ok(Arc::new(try_fb_to_schema(schema)?))
    }

    fn open_file(&mut self) -> Result<SchemaRef, BoxError> {
        let end = 4 + MAGIC.len() as u64;
        let short = || ipc("it does not end as Arrow files do");
        let footer_end = self.length.checked_sub(end).ok_or_else(short)?;
        self.file.go_to(footer_end)?;
        let tail = self.bytes(end)?;
        let tail = tail.as_slice().try_into().map_err(|_| short())?;
        let footer = reader::read_footer_length(tail)? as u64;
        let begin = footer_end.checked_sub(footer).ok_or_else(short)?;
        self.file.go_to(begin)?;
        let footer = self.bytes(footer)?;
        let footer =
            root_as_footer(&footer).map_err(|error| ipc(&format!("its footer: {error}")))?;
        let schema = footer.schema().ok_or_else(|| ipc("it has no schema"))?;
        let batches = footer.recordBatches().into_iter().flatten();
        let dictionaries = footer.dictionaries().into_iter().flatten();
        let mut blocks: Vec<Block> = dictionaries.chain(batches).copied().collect();
        blocks.reverse();
        self.batches = Some(blocks);
        Ok(Arc::new(try_fb_to_schema(schema)?))
    }

    /// The next message and its body; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Buffer, Buffer)>, BoxError> {
        if let Some(blocks) = &mut self.batches {
            let Some(block) = blocks.pop() else {
                return Ok(None);
            };
            let offset = u64::try_from(block.offset()).map_err(|_| ipc("a batch has no place"))?;
            self.file.go_to(offset)?;
        }
        let mut size = self.number()?;
        if size == CONTINUED {
            size = self.number()?;
        }
        if size == 0 {
            return Ok(None);
        }
        let message = self.bytes(size.into())?;
        let body = parsed(&message)?.bodyLength();
        let body = u64::try_from(body).map_err(|_| ipc("a body has a negative length"))?;
        let body = self.bytes(body)?;
        Ok(Some((message, body)))
    }

    fn number(&mut self) -> Result<u32, BoxError> {
        if self.left()? < 4 {
            return Err(ipc(
                "it is truncated: the marker of the stream's end is missing",
            ));
        }
        let bytes = self.file.bytes(4)?;
        let bytes = bytes.as_slice().try_into()?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn bytes(&mut self, count: u64) -> Result<Buffer, BoxError> {
        if count > self.left()? {
            return Err(ipc("it is truncated: it ends inside a message"));
        }
        self.file.bytes(count as usize)
    }

    /// The length of the whole file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes follow.
    fn left(&mut self) -> Result<u64, BoxError> {
        Ok(self.length.saturating_sub(self.file.offset()?))
    }
}

/// Makes batches of messages.
struct Decoder {
    schema: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
    /// Where the columns are that are wanted, if they are not all.
    places: Option<Vec<usize>>,
}

impl Decoder {
    fn decode(
        &mut self,
        message: &Message<'_>,
        body: &Buffer,
        budget: &Budget,
    ) -> Result<Option<RecordBatch>, BoxError> {
        let version = message.version();
        match message.header_type() {
            MessageHeader::DictionaryBatch => {
                let Some(dictionary) = message.header_as_dictionary_batch() else {
                    return Err(ipc("a message is no dictionary"));
                };
                if let Some(data) = dictionary.data() {
                    check(&data, body, budget)?;
                }
                reader::read_dictionary(
                    body,
                    dictionary,
                    &self.schema,
                    &mut self.dictionaries,
                    &version,
                )?;
                Ok(None)
            }
            MessageHeader::RecordBatch => {
                let Some(batch) = message.header_as_record_batch() else {
                    return Err(ipc("a message is no batch"));
                };
                check(&batch, body, budget)?;
                self.batch(body, batch, &version).map(Some)
            }
            MessageHeader::NONE => Ok(None),
            other => Err(ipc(&format!("a message of type {other:?}"))),
        }
    }

    fn batch(
        &self,
        body: &Buffer,
        batch: arrow_ipc::RecordBatch<'_>,
        version: &MetadataVersion,
    ) -> Result<RecordBatch, BoxError> {
        let schema = self.schema.clone();
        let batch = reader::read_record_batch(
            body,
            batch,
            schema,
            &self.dictionaries,
            self.places.as_deref(),
            version,
        )?;
        Ok(batch)
    }
}

/// Looks at how long the buffers of a batch say they are when unpacked, which is what the decoder makes room for.
fn check(batch: &arrow_ipc::RecordBatch<'_>, body: &[u8], budget: &Budget) -> Result<(), BoxError> {
    if batch.compression().is_none() {
        return Ok(());
    }
    let mut budget = *budget;
    for buffer in batch.buffers().into_iter().flatten() {
        let begin = usize::try_from(buffer.offset()).unwrap_or(usize::MAX);
        let length = body.get(begin..).and_then(|rest| rest.first_chunk::<8>());
        let length = length.map_or(0, |bytes| i64::from_le_bytes(*bytes));
        let length = if buffer.length() < 8 { 0 } else { length };
        // Below 0 it is not packed.
        let length = usize::try_from(length).unwrap_or(0);
        budget.take(length, 1).map_err(|message| ipc(&message))?;
    }
    Ok(())
}

pub(super) fn parsed(message: &[u8]) -> Result<Message<'_>, BoxError> {
    root_as_message(message).map_err(|error| ipc(&error.to_string()))
}

pub(super) fn ipc(message: &str) -> BoxError {
    message.into()
}

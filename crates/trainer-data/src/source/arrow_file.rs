use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
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
        let unread = |source| unreadable(path, source);
        let (file, length) = regular_file::open(path).map_err(unread)?;
        let mut file = Messages {
            file: BufReader::new(file),
            length,
            budget: Budget::of_file(length),
            batches: None,
        };
        let mut start = Vec::new();
        file.file
            .by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(unread)?;
        let opened = match start == MAGIC {
            true => file.open_file(),
            false => file.open_stream(),
        };
        let schema = opened.map_err(|source| damaged(path, source))?;
        let mut table = Table::new(path, &schema, wanted)?;
        // The decoder looks for each column among those that are wanted.
        let is_whole = table.places().len() == schema.fields().len();
        let mut decoder = Decoder {
            schema,
            dictionaries: HashMap::new(),
            places: (!is_whole).then(|| table.places().to_vec()),
        };
        while let Some((message, body)) = file.next().map_err(|source| damaged(path, source))? {
            let batch = parsed(&message)
                .and_then(|message| decoder.decode(&message, &body, &file.budget))
                .map_err(|source| damaged(path, source))?;
            if let Some(batch) = batch {
                table.append(&batch, &mut file.budget)?;
            }
        }
        table.finish(None)
    })
}

/// The messages of a file or a stream, none of which is longer than the rest of the file.
struct Messages {
    file: BufReader<File>,
    length: u64,
    budget: Budget,
    /// Where the next dictionaries and batches of a file are, the last one first; a stream has them one behind the other.
    batches: Option<Vec<Block>>,
}

impl Messages {
    fn open_stream(&mut self) -> Result<SchemaRef, BoxError> {
        self.file.rewind()?;
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
        self.file.seek(SeekFrom::Start(footer_end))?;
        let mut tail = [0; 10];
        self.file.read_exact(&mut tail)?;
        let footer = reader::read_footer_length(tail)? as u64;
        let begin = footer_end.checked_sub(footer).ok_or_else(short)?;
        self.file.seek(SeekFrom::Start(begin))?;
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
    fn next(&mut self) -> Result<Option<(Vec<u8>, Buffer)>, BoxError> {
        if let Some(blocks) = &mut self.batches {
            let Some(block) = blocks.pop() else {
                return Ok(None);
            };
            let offset = u64::try_from(block.offset()).map_err(|_| ipc("a batch has no place"))?;
            self.file.seek(SeekFrom::Start(offset))?;
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
        Ok(Some((message, Buffer::from_vec(body))))
    }

    fn number(&mut self) -> Result<u32, BoxError> {
        let mut bytes = [0; 4];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => Ok(u32::from_le_bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(ipc(
                "it is truncated: the marker of the stream's end is missing",
            )),
            Err(error) => Err(error.into()),
        }
    }

    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, BoxError> {
        let left = self.length.saturating_sub(self.file.stream_position()?);
        if count > left {
            return Err(ipc("it is truncated: it ends inside a message"));
        }
        let mut bytes = vec![0; count as usize];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
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

fn parsed(message: &[u8]) -> Result<Message<'_>, BoxError> {
    root_as_message(message).map_err(|error| ipc(&error.to_string()))
}

fn ipc(message: &str) -> BoxError {
    message.into()
}

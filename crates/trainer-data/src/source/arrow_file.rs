use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

use arrow2::io::ipc::read::{self, StreamState};

use super::table::{damaged, from_chunks, guarded, unreadable};
use crate::{Columns, Error, Result};

/// What an Arrow file begins with; a stream does not.
const MAGIC: &[u8] = b"ARROW1";

/// The columns of an Arrow IPC file, or of an Arrow stream, which is what Python's `datasets` writes.
///
/// The format lets a stream end without a marker of its end, but then half a stream looks as a whole one does. All known
/// writers of files, pyarrow and so `datasets` among them, write it.
pub(crate) fn read(path: &Path) -> Result<Columns> {
    guarded(path, || {
        let file = File::open(path).map_err(|source| unreadable(path, source))?;
        let mut file = BufReader::new(file);
        let mut start = Vec::new();
        (&mut file)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut start)
            .and_then(|_| file.rewind())
            .map_err(|source| unreadable(path, source))?;
        if start == MAGIC {
            let metadata =
                read::read_file_metadata(&mut file).map_err(|source| damaged(path, source))?;
            let schema = metadata.schema.clone();
            return from_chunks(
                path,
                &schema,
                read::FileReader::new(file, metadata, None, None),
            );
        }
        let metadata =
            read::read_stream_metadata(&mut file).map_err(|source| damaged(path, source))?;
        let schema = metadata.schema.clone();
        let mut truncated = false;
        let chunks = read::StreamReader::new(file, metadata, None).map_while(|state| match state {
            Ok(StreamState::Some(chunk)) => Some(Ok(chunk)),
            // A socket would be waited for. A file has no more, and arrow2 ends only at the marker of the end.
            Ok(StreamState::Waiting) => {
                truncated = true;
                None
            }
            Err(error) => Some(Err(error)),
        });
        let columns = from_chunks(path, &schema, chunks)?;
        if truncated {
            return Err(Error::File {
                path: path.to_owned(),
                message: "the file is truncated: the marker of the stream's end is missing"
                    .to_owned(),
                source: None,
            });
        }
        Ok(columns)
    })
}
